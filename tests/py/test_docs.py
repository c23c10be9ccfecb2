"""The pages hold what they say: every command and Python snippet in them is run, and what they show is what comes.

Each fenced block of a page is of one kind, by the word behind the fence:

    sh                  commands, run by one shell after the other in the folder that the block before left
    console             (or no word, and "$ " in the first line) lines after "$ " are run, the lines below must be what they
                        print; "..." or a line in [ ] that begins with "..." stands for any lines
    python              run by one Python a page
    text, json, yaml, toml, ini, c, make, cmake, html       shown, unless a comment says that it is a file

A page of docs/ begins in a copy of examples/digits, any other where the sources are. HTML comments in the lines before a block
say more; several may stand there:

    <!-- starts in: FOLDER -->     a folder of examples/ that the block is run in; the blocks after it stay there
    <!-- not run: WHY -->          the block is left out; WHY is printed and counted
    <!-- file: NAME -->            the block is written to the file NAME in the folder the page is in
    <!-- stands in: PATH -->       the block stands so, line for line, in that file of the sources
    <!-- prints -->                the block is what the Python block before it printed
    <!-- figures vary: WHY -->     digits are not compared in this block
    <!-- stands for it: COMMAND -->  with "not run": COMMAND is run instead, such as one that copies a model trained before
    <!-- exit: N -->               the last command of the block ends with N instead of 0

With --write the pages are written anew with what comes, at most one place of any lines a block; words choose pages by their names.
"""
import json, os, pathlib, re, shutil, subprocess, sys, tempfile

SOURCE, BUILD = pathlib.Path(os.environ["DLGUIDER_SOURCE"]), pathlib.Path(os.environ["DLGUIDER_BUILD"])
PAGES = ["README.md", "CONTRIBUTING.md", "bench/README.md", *sorted(str(p.relative_to(SOURCE)) for p in (SOURCE / "docs").rglob("*.md"))]
SHOWN = {"text", "json", "yaml", "toml", "ini", "c", "make", "cmake", "html"}
# Pages that the command writes cannot hold comments: what their examples take for granted.
BEFORE = {"docs/commands.md": """
    mkdir -p ~/.local/share/bash-completion/completions ~/.zfunc ~/.config/fish/completions
    dlguider mend model.keras --layer dense --inputs x.npy --labels y.npy --budget 2 -o model.onnx
    """}
SANITIZED = "libasan" in subprocess.run(["ldd", BUILD / "libdlguider.so.0"], capture_output=True, text=True).stdout

# Runs snippets in one namespace: a line of JSON with folder and code comes in, one with the output or the traceback goes out.
DRIVER = r"""
import contextlib, io, json, os, sys, traceback
names = {"__name__": "__main__"}
answer = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
for line in sys.stdin:
    asked, out, why = json.loads(line), io.StringIO(), None
    os.chdir(asked["folder"])
    try:
        with contextlib.redirect_stdout(out):
            exec(compile(asked["code"], asked["name"], "exec"), names)
    except BaseException:
        why = traceback.format_exc()
    print(json.dumps({"out": out.getvalue(), "why": why}), file=answer, flush=True)
"""


class Block:
    def __init__(self, page, line, language, says, text):
        self.page, self.line, self.language, self.says, self.text = page, line, language, says, text

    def __str__(self):
        return f"{self.page}:{self.line}"

    def problem(self, what):
        return f"{self}: {what}"


def blocks_of(page, text):
    """The fenced blocks of a page; comments directly above a block, with blank lines between, are its own."""
    found, says, lines, at = [], {}, text.splitlines(), 0
    while at < len(lines):
        line = lines[at]
        comment = re.fullmatch(r"\s*<!-- ([a-z ]+?)(?:: (.*?))? -->\s*", line)
        fence = re.fullmatch(r"(\s*)(`{3,})\s*(\S*)\s*", line)
        if fence:
            indent, ticks, language = fence.groups()
            end = next((i for i in range(at + 1, len(lines)) if lines[i].strip() == ticks), None)
            if end is None:
                raise AssertionError(f"{page}:{at + 1}: the block has no end")
            body = "".join(one.removeprefix(indent) + "\n" for one in lines[at + 1:end])
            if not language and body.startswith("$ "):
                language = "console"
            found.append(Block(page, at + 1, language, says, body))
            says, at = {}, end
        elif comment:
            says[comment[1]] = comment[2] or ""
        elif line.strip():
            says = {}
        at += 1
    return found


def masked(text, vary):
    lines = [line.rstrip() for line in text.rstrip("\n").split("\n")]
    return [re.sub(r"\d+(\.\d+)?", "#", line) if vary else line for line in lines]


def cut(shown, seen):
    """seen, shortened as shown is: the same paragraphs (or, within one, lines) before and after the place of any lines."""
    for unit in ("\n\n", "\n"):
        parts = shown.strip("\n").split(unit)
        at = next((i for i, part in enumerate(parts) if re.fullmatch(r"\.\.\.|\[\.\.\..*\]", part)), None)
        if at is not None:
            came, after = seen.strip("\n").split(unit), len(parts) - at - 1
            return unit.join([*came[:at], parts[at], *(came[-after:] if after else [])])
    return seen.rstrip("\n")


def agree(shown, seen, vary=False):
    """Whether seen is what is shown; returns the first line where it is not, else None."""
    shown, seen = masked(shown, vary), masked(seen, vary)
    at = 0
    while shown:
        line = shown.pop(0)
        if line == "..." or re.fullmatch(r"\[\.\.\..*\]", line):
            rest = next((one for one in shown if one), None)
            while at < len(seen) and seen[at] != rest:
                at += 1
            shown = shown[shown.index(rest):] if rest is not None else []
            if rest is not None and at == len(seen):
                return f"{rest!r} is shown, and was not printed"
            if rest is None:
                return None
            continue
        if at == len(seen) or seen[at] != line:
            return f"shown: {line!r}\n    printed: {seen[at] if at < len(seen) else '(the end)'!r}"
        at += 1
    return None if at == len(seen) else f"also printed: {seen[at]!r}"


def session(text):
    """(command, shown output) of each command; a backslash at the end goes on in the next line."""
    steps = []
    for line in text.splitlines():
        if line.startswith("$ "):
            steps.append([line[2:] + "\n", ""])
        elif steps and steps[-1][0].endswith("\\\n") and not steps[-1][1]:
            steps[-1][0] += line.removeprefix("> ") + "\n"
        elif steps:
            steps[-1][1] += line + "\n"
    return steps


class Page:
    """Runs the blocks of one page in a copy of the examples."""

    def __init__(self, name, folder, environment):
        self.name, self.root, self.environment = name, folder, environment
        shutil.copytree(SOURCE / "examples", folder / "examples")
        shutil.copytree(SOURCE / "include", folder / "include")
        self.python, self.printed = None, ""
        self.commands = self.snippets = self.compared = 0
        self.left_out, self.problems = [], []
        self.anew = {}  # line of a block: its text as it should be
        self.folder = folder / ("examples/digits" if name.startswith("docs/") else ".")
        if name in BEFORE:
            self.shell(BEFORE[name], Block(name, 0, "sh", {}, ""))

    def shell(self, script, block, code=0):
        """Standard output and error of a script, in order; the folder that it ends in is kept."""
        kept = self.root / "folder"
        wrapped = f"set -e\ntrap 'pwd >\"{kept}\"' EXIT\n{script}"
        done = subprocess.run(["bash", "-c", wrapped], cwd=self.folder, env=self.environment, text=True, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.folder = pathlib.Path(kept.read_text().strip())
        if done.returncode != code:
            self.problems.append(block.problem(f"ends with {done.returncode}, not {code}\n    {script.strip()}\n{done.stdout[-1500:]}"))
        return done.stdout

    def snippet(self, block):
        if not self.python:
            self.python = subprocess.Popen(["python", "-c", DRIVER], env=self.environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                           stderr=subprocess.DEVNULL)
        print(json.dumps({"folder": str(self.folder), "code": block.text, "name": str(block)}), file=self.python.stdin, flush=True)
        answer = json.loads(self.python.stdout.readline() or '{"out": "", "why": "Python ended"}')
        self.printed = answer["out"]
        if answer["why"]:
            self.problems.append(block.problem(f"the snippet fails\n{answer['why'][-1500:]}"))

    def compare(self, block, shown, seen):
        self.compared += 1
        difference = agree(shown, seen, "figures vary" in block.says)
        if difference:
            self.problems.append(block.problem(f"what is shown is not what comes\n    {difference}"))
        return cut(shown, "\n".join(line.rstrip() for line in seen.split("\n")))

    def run(self, block):
        known = {"not run", "stands for it", "file", "stands in", "prints", "figures vary", "exit", "starts in"}
        if unknown := [word for word in block.says if word not in known]:
            self.problems.append(block.problem(f"<!-- {unknown[0]} --> is no comment that this test knows"))
        if "starts in" in block.says:
            self.folder = self.root / block.says["starts in"]
        if "file" in block.says:
            (self.folder / block.says["file"]).write_text(block.text)
        if "stands in" in block.says:
            self.compared += 1
            if block.text not in (SOURCE / block.says["stands in"]).read_text():
                self.problems.append(block.problem(f"does not stand so in {block.says['stands in']}"))
        if "prints" in block.says:
            self.anew[block.line] = self.compare(block, block.text, self.printed) + "\n"
            return None
        if "not run" in block.says:
            if not block.says["not run"]:
                self.problems.append(block.problem("is not run, and no reason is given"))
            if "stands for it" in block.says:
                self.shell(block.says["stands for it"], block)
            return self.left_out.append((block, block.says["not run"]))
        if block.says.keys() & {"file", "stands in"}:
            return None
        code = int(block.says.get("exit", 0))
        if block.language == "console":
            steps = session(block.text)
            anew = ""
            for at, (command, shown) in enumerate(steps):
                self.commands += 1
                seen = self.shell(command, block, code if at == len(steps) - 1 else 0)
                came = self.compare(block, shown.rstrip("\n"), seen) + "\n" if shown.strip() else ""
                anew += "$ " + command + came + ("\n" if came and at < len(steps) - 1 and shown.endswith("\n\n") else "")
            self.anew[block.line] = anew
        elif block.language in ("sh", "bash"):
            self.commands += len(re.findall(r"^(?![ \t#]|$)", re.sub(r"\\\n", " ", block.text), re.M))
            self.shell(block.text, block, code)
        elif block.language == "python":
            self.snippets += 1
            self.snippet(block)
        elif block.language not in SHOWN:
            self.problems.append(block.problem(f"a block of {block.language or 'no'} kind: name one (head of tests/py/test_docs.py)"))
        return None

    def end(self):
        if self.python:
            self.python.stdin.close()
            self.python.wait()


def write_anew(name, text, anew):
    """The page with the blocks that begin in the lines of anew replaced."""
    lines, out, at = text.splitlines(keepends=True), [], 0
    while at < len(lines):
        out.append(lines[at])
        at += 1
        if at in anew:
            indent = re.match(r"\s*", lines[at - 1])[0]
            out += [indent + one if one.strip() else one for one in anew[at].splitlines(keepends=True)]
            while not lines[at].strip().startswith("```"):
                at += 1
    (SOURCE / name).write_text("".join(out))


def tools(folder):
    """A folder for PATH with dlguider, python and cc of this build, and the environment that goes with it."""
    bin_, library = folder / "bin", BUILD / "libdlguider.so.0"
    bin_.mkdir()
    (bin_ / "dlguider").symlink_to(os.environ["DLGUIDER"])
    preload = ""
    if SANITIZED:  # a foreign program needs the sanitizer's runtime first
        runtime = subprocess.run(["gcc", "-print-file-name=libasan.so"], capture_output=True, text=True).stdout.strip()
        preload = f"LD_PRELOAD={runtime}:libstdc++.so.6 ASAN_OPTIONS=detect_leaks=0 "
    for name in ("python", "python3"):
        (bin_ / name).write_text(f'#!/bin/sh\n{preload}exec "{sys.executable}" "$@"\n')
        (bin_ / name).chmod(0o755)
    flags = "-fsanitize=address " if SANITIZED else ""
    (folder / "dlguider.pc").write_text(f"Name: dlguider\nDescription: of this build\nVersion: 0.1.0\nCflags: -I{SOURCE}/include\n"
                                        f"Libs: {flags}-L{BUILD} -Wl,-rpath,{BUILD} -ldlguider\n")
    home = folder / "home"
    home.mkdir()
    plain = {k: v for k, v in os.environ.items() if k not in ("LD_PRELOAD", "ASAN_OPTIONS", "COLUMNS", "NO_COLOR")}
    return dict(plain, PATH=f"{bin_}:{plain['PATH']}", HOME=str(home), PYTHONPATH=str(SOURCE / "python"), DLGUIDER_LIBRARY=str(library),
                PKG_CONFIG_PATH=str(folder), LC_ALL="C.UTF-8", PYTHONDONTWRITEBYTECODE="1")


def check_itself():
    """The comparison must see what differs, or nothing here is worth anything."""
    assert agree("a\n[... more]\nd", "a\nb\nc\nd\n") is None and agree("a\n...", "a\nb\n") is None
    assert agree("a\nb", "a\nc") and agree("a", "a\nb") and agree("a\nb", "a") and agree("a\n...\nz", "a\nb\nd")
    assert agree("took 1.5 s", "took 22 s", vary=True) is None and agree("took 1.5 s", "took 22 s")
    assert session("$ a \\\n  b\nout\n$ c\n") == [["a \\\n  b\n", "out\n"], ["c\n", ""]]
    assert cut("a\n\n[... more]\n\nd", "A\nB\n\nC\n\nE\n\nD\n") == "A\nB\n\n[... more]\n\nD" and cut("a\n...\n", "A\nB\n") == "A\n..."
    two = blocks_of("p", "<!-- not run: why -->\n\n```sh\nx\n```\ntext\n```\n$ y\n```\n")
    assert [(b.language, b.says) for b in two] == [("sh", {"not run": "why"}), ("console", {})], [(b.language, b.says) for b in two]


def check_links(page, text):
    """Every relative link leads to a file of the sources."""
    prose = re.sub(r"^(\s*)```.*?^\1```", "", text, flags=re.S | re.M)
    targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)|(?:src|srcset)=\"([^\"]+)\"", prose)
    return [f"{page}: {t} is not there" for t in (a or b for a, b in targets) if "://" not in t and not (SOURCE / page).parent.joinpath(t).exists()]


def main():
    check_itself()
    words = [word for word in sys.argv[1:] if word != "--write"]
    chosen = [p for p in PAGES if not words or any(word in p for word in words)]
    commands = snippets = compared = 0
    left_out, problems = [], []
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder).resolve()
        environment = tools(folder)
        for number, name in enumerate(chosen):
            text = (SOURCE / name).read_text()
            problems += check_links(name, text)
            (folder / str(number)).mkdir()
            page = Page(name, folder / str(number), environment)
            for block in blocks_of(name, text):
                page.run(block)
            page.end()
            if "--write" in sys.argv:
                write_anew(name, text, page.anew)
            commands, snippets, compared = commands + page.commands, snippets + page.snippets, compared + page.compared
            left_out, problems = left_out + page.left_out, problems + page.problems
    for block, why in left_out:
        print(f"not run: {block}: {why}")
    print(f"{len(chosen)} pages: {commands} commands and {snippets} snippets run, {compared} outputs compared, {len(left_out)} blocks left out")
    assert words or commands > 20, "the pages have commands"
    if problems:
        sys.exit("\n".join(problems))


main()
