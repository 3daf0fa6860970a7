"""A function of Calc that returns its first argument, IDENTITY, beside ours: what a call of LibreOffice's takes itself.

`with_identity` adds this file as a second component to a copy of our extension.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
import zipfile
from pathlib import Path
from typing import Any

NAMES = ("org.identity.XFunctions", "org.identity.Functions", "com.sun.star.sheet.AddIn")
INTERFACE = """\
module org { module identity { interface XFunctions {
  sequence<sequence<any> > calcIdentity([in] any a, [in] any b, [in] any c, [in] any d);
}; }; };
"""
CONFIGURATION = """\
<oor:component-data xmlns:oor="http://openoffice.org/2001/registry" oor:name="CalcAddIns" oor:package="org.openoffice.Office">
<node oor:name="AddInInfo"><node oor:name="org.identity.Functions" oor:op="replace"><node oor:name="AddInFunctions">
<node oor:name="calcIdentity" oor:op="replace">
  <prop oor:name="DisplayName"><value xml:lang="en-US">IDENTITY</value></prop>
  <prop oor:name="CompatibilityName"><value xml:lang="en-US">IDENTITY</value></prop>
</node></node></node></node>
</oor:component-data>
"""  # noqa: E501


def with_identity(oxt: Path, path: Path) -> Path:
    """A copy of the extension with IDENTITY in it."""
    from tokensheet_addin.hosts.libreoffice.oxt import compiler

    with tempfile.TemporaryDirectory() as folder:
        source, library, write = Path(folder) / "identity.idl", Path(folder) / "identity.rdb", compiler()
        source.write_text(INTERFACE)
        types = write.parents[2] / "program"
        subprocess.run([write, types / "types.rdb", types / "types/offapi.rdb", source, library], check=True)
        with zipfile.ZipFile(oxt) as ours, zipfile.ZipFile(path, "w") as both:
            files = {name: ours.read(name) for name in ours.namelist()}
            components = files["tokensheet.components"].decode().replace("org.tokensheet", "org.identity")
            manifest = files["META-INF/manifest.xml"].decode()
            entries = "".join(re.findall(r" *<manifest:file-entry.*\n", manifest))
            both_entries = entries + re.sub(r'full-path="\w+\.', 'full-path="identity.', entries)
            files |= {
                "META-INF/manifest.xml": manifest.replace(entries, both_entries).encode(),
                "identity.components": components.replace("component.py", "identity.py").encode(),
                "identity.rdb": library.read_bytes(),
                "identity.xcu": CONFIGURATION.encode(),
                "identity.py": Path(__file__).read_bytes(),
            }
            for name, content in files.items():
                both.writestr(name, content)
    return path


def getComponentFactory(implementation: str, manager: Any, key: Any) -> Any:
    """LibreOffice's Python loader calls this for the factory of the component."""
    import uno
    import unohelper

    interface, name, service = NAMES
    members = {
        "__init__": lambda self, context: None,
        "calcIdentity": lambda self, a, b, c, d: ((a,),),
        "getImplementationName": lambda self: name,
        "supportsService": lambda self, asked: asked in NAMES,
        "getSupportedServiceNames": lambda self: (service, name),
    }
    bases = (unohelper.Base, uno.getClass(interface), uno.getClass("com.sun.star.lang.XServiceInfo"))
    helper = unohelper.ImplementationHelper()
    helper.addImplementation(type("Identity", bases, members), name, (service, name))
    return helper.getComponentFactory(implementation, key, manager)
