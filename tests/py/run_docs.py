"""Runs a page of docs/ as a reader would: ```sh by the shell, ```python in one namespace, and compares what is printed with the
```text that follows. ```LANGUAGE file=NAME is written to NAME. Blocks after <!-- needs NAME --> run only when module NAME is there.

usage: run_docs.py PAGE [--write]   in the folder with the files that the page names; --write puts what was printed into the page.
"""
import contextlib, importlib.util, io, pathlib, re, subprocess, sys

BLOCK = re.compile(r"(?P<needs><!-- needs (\w+) -->\n)?^```(?P<language>\w+)(?: file=(?P<file>\S+))?\n(?P<body>.*?)^```$(?P<answer>\n\n```text\n(?P<said>.*?)^```$)?", re.M | re.S)


def run(page, write=False, skip=()):
    """Runs the blocks; returns how many ran. skip: commands that the caller has run already."""
    text, scope, ran, pieces, at = page.read_text(), {"__name__": "docs"}, 0, [], 0
    for block in BLOCK.finditer(text):
        pieces.append(text[at:block.start()])
        at = block.end()
        pieces.append(block[0])
        if block["needs"] and importlib.util.find_spec(block[2]) is None:
            continue
        line = text.count("\n", 0, block.start()) + 1
        said = ""
        if block["file"]:
            pathlib.Path(block["file"]).write_text(block["body"])
        elif block["language"] == "python":
            out = io.StringIO()
            with contextlib.redirect_stdout(out):
                exec(compile("\n" * line + block["body"], str(page), "exec"), scope)
            said = out.getvalue()
        elif block["language"] == "sh":
            for command in (c for c in block["body"].splitlines() if not c.startswith(skip)):
                done = subprocess.run(["sh", "-e", "-c", command], capture_output=True, text=True)
                assert done.returncode == 0, f"{page}:{line}: {command}\n{done.stdout}{done.stderr}"
        else:
            raise AssertionError(f"{page}:{line}: a block of {block['language']} is not run")
        ran += 1
        assert block["answer"] or not said or block["language"] == "sh", f"{page}:{line}: prints, but the page does not say what:\n{said}"
        if write and block["answer"]:
            pieces[-1] = block[0][:block.start("said") - block.start()] + said + "```"
        elif block["answer"]:
            assert said == block["said"], f"{page}:{line}: the page says\n{block['said']}but this is printed:\n{said}"
    if write:
        page.write_text("".join(pieces) + text[at:])
    return ran


if __name__ == "__main__":
    print(run(pathlib.Path(sys.argv[1]), "--write" in sys.argv, ("pip install", "dlguider version") if "--write" in sys.argv else ("pip install",)), "blocks ran")
