"""Executes a notebook with the Python that runs this, in the notebook's folder.

usage: run_notebook.py NOTEBOOK [--write]   --write keeps the outputs in the file.
"""
import pathlib, sys

import nbclient, nbformat

path = pathlib.Path(sys.argv[1])
notebook = nbformat.read(path, 4)
nbclient.NotebookClient(notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(path.parent)}}).execute()
if "--write" in sys.argv:
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)  # times
        if cell.cell_type == "code":
            cell.outputs = [o for o in cell.outputs if o.get("name") != "stderr" and o.get("data", {}).get("text/plain") != ""]
    nbformat.write(notebook, path)
for cell in notebook.cells:
    for output in cell.get("outputs", []):
        print(output.get("text") or output.get("data", {}).get("text/plain", ""))
