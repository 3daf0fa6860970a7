"""What Excel needs of the bridge on a desk: the manifest, the certificate of this machine, and a few clicks."""

from __future__ import annotations

import sys
from pathlib import Path

from tokensheet.files import whole_file

from tokensheet_addin.hosts.bridge import PORT
from tokensheet_addin.hosts.bridge.manifest import manifest
from tokensheet_addin.hosts.bridge.serve import Certificate, certificate_in

MANIFEST = "tokensheet.xml"
MAC = Path("Library/Containers/com.microsoft.Excel/Data/Documents/wef")  # where Excel on the Mac looks for add-ins


def manifest_folder(settings: Path) -> Path:
    """Where the manifest goes unless the user says: on the Mac where Excel reads it, elsewhere beside the settings."""
    return Path.home() / MAC if sys.platform == "darwin" else settings


def write(folder: Path, settings: Path, port: int) -> Certificate:
    """Write the manifest and, where there is none that is valid, the certificate."""
    certificate = certificate_in(settings)
    if not certificate.is_valid():
        certificate.make()
    folder.mkdir(parents=True, exist_ok=True)
    with whole_file(folder / MANIFEST, "w", overwrite=True) as file:
        file.write(manifest(f"https://localhost:{port}", None))
    return certificate


def steps(folder: Path, certificate: Certificate, port: int) -> list[str]:
    """What is left to the user."""
    start = "tokensheet serve --https" + ("" if port == PORT else f" --port {port}")
    file = folder / MANIFEST
    give = {
        "darwin": "start Excel again; Home > Add-ins > tokensheet",
        "win32": f"share the folder {folder}; File > Options > Trust Center > Trust Center Settings > Trusted Add-in "
        "Catalogs: add its network path, tick Show in Menu; start Excel again; Home > Add-ins > More Add-ins > Shared "
        "Folder",
    }
    return [
        f"trust the certificate: {certificate.how_to_trust()}",
        f"start the server, and keep it running: {start}",
        give.get(sys.platform, f"give {file} to Excel, on the web by Home > Add-ins > More Add-ins > Upload My Add-in"),
    ]


def remove(folder: Path, settings: Path) -> list[Path]:
    """Delete the manifest and the certificate; gives what was there."""
    files = [file for file in (folder / MANIFEST, *certificate_in(settings)) if file.exists()]
    for file in files:
        file.unlink()
    return files
