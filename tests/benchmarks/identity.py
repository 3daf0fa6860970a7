"""Functions of Calc that do the least, beside ours: what a call of LibreOffice's takes itself.

IDENTITY and IDENTITY_OF_MANY return their first argument, of as many as COMPUTE_TIME and DECODE_COST have; NUMPY is
COMPUTE_TIME with nothing around it. `with_identity` adds this file as a second component to a copy of our extension.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

NAMES = ("org.identity.XFunctions", "org.identity.Functions", "com.sun.star.sheet.AddIn")
FUNCTIONS = {"IDENTITY": 4, "IDENTITY_OF_MANY": 15, "NUMPY": 3}  # and their arguments


def method_name(name: str) -> str:
    return "calc" + "".join(map(str.capitalize, name.split("_")))


def interface() -> str:
    """The functions in UNO's language for types."""
    methods = "\n".join(
        f"  sequence<sequence<any> > {method_name(name)}({', '.join(f'[in] any a{place}' for place in range(count))});"
        for name, count in FUNCTIONS.items()
    )
    return f"module org {{ module identity {{ interface XFunctions {{\n{methods}\n}}; }}; }};\n"


def configuration() -> str:
    """What Calc calls them."""
    nodes = "".join(
        f'<node oor:name="{method_name(name)}" oor:op="replace">'
        + "".join(
            f'<prop oor:name="{prop}"><value xml:lang="en-US">{name}</value></prop>'
            for prop in ("DisplayName", "CompatibilityName")
        )
        + "</node>"
        for name in FUNCTIONS
    )
    return (
        '<oor:component-data xmlns:oor="http://openoffice.org/2001/registry" oor:name="CalcAddIns"'
        ' oor:package="org.openoffice.Office"><node oor:name="AddInInfo"><node oor:name="org.identity.Functions"'
        f' oor:op="replace"><node oor:name="AddInFunctions">{nodes}</node></node></node></oor:component-data>'
    )


def with_identity(oxt: Path, path: Path) -> Path:
    """A copy of the extension with these functions in it."""
    from tokensheet_addin.hosts.libreoffice.oxt import compiler

    with tempfile.TemporaryDirectory() as folder:
        source, library, write = Path(folder) / "identity.idl", Path(folder) / "identity.rdb", compiler()
        source.write_text(interface())
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
                "identity.xcu": configuration().encode(),
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
    members: dict[str, Any] = {
        "__init__": lambda self, context: None,
        method_name("IDENTITY"): lambda self, first, *others: ((first,),),
        method_name("IDENTITY_OF_MANY"): lambda self, first, *others: ((first,),),
        method_name("NUMPY"): lambda self, batch, params, flops: (2 * np.array(batch) * params / flops).tolist(),
        "getImplementationName": lambda self: name,
        "supportsService": lambda self, asked: asked in NAMES,
        "getSupportedServiceNames": lambda self: (service, name),
    }
    bases = (unohelper.Base, uno.getClass(interface), uno.getClass("com.sun.star.lang.XServiceInfo"))
    helper = unohelper.ImplementationHelper()
    helper.addImplementation(type("Identity", bases, members), name, (service, name))
    return helper.getComponentFactory(implementation, key, manager)
