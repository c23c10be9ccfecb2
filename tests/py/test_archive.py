"""The zip reader against Python's zipfile and numpy's writer: same names, sizes and checksums."""
import io, os, subprocess, sys, tempfile, unittest, zipfile, zlib
import numpy as np

DUMP = os.path.join(os.environ["DLGUIDER_BUILD"], "tests", "archive_dump")


def dump(path):
    done = subprocess.run([DUMP, path], capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def expected(path):
    with zipfile.ZipFile(path) as archive:
        return "".join(f"{i.filename} {i.file_size} {zlib.crc32(archive.read(i))}\n" for i in archive.infolist())


class Unseekable(io.RawIOBase):
    """A writer that cannot go back, so that zipfile writes sizes after the data."""

    def __init__(self, stream):
        self.stream = stream

    def writable(self):
        return True

    def write(self, data):
        return self.stream.write(data)


class Archive(unittest.TestCase):
    def check(self, write):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "a.zip")
            write(path)
            self.assertEqual(dump(path), (0, expected(path), ""))

    def test_zipfile(self):
        data = {"metadata.json": b"{}", "deep/er/x.bin": os.urandom(70000), "empty": b"", "text": b"some text " * 500}
        for method in zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED:
            for zip64 in False, True:
                def write(path):
                    with zipfile.ZipFile(path, "w", method) as archive:
                        archive.comment = b"a comment" * zip64
                        archive.writestr("folder/", b"")
                        for name, value in data.items():
                            with archive.open(name, "w", force_zip64=zip64) as member:
                                member.write(value)
                with self.subTest(method=method, zip64=zip64):
                    self.check(write)

    def test_sizes_after_the_data(self):
        def write(path):
            with open(path, "wb") as stream, zipfile.ZipFile(Unseekable(stream), "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr("a", b"first " * 100)
                archive.writestr("b", b"second")
        self.check(write)

    def test_numpy(self):
        x = np.random.default_rng(0).normal(size=(50, 30)).astype("float32")
        self.check(lambda path: np.savez(open(path, "wb"), x=x, y=np.arange(50)))
        self.check(lambda path: np.savez_compressed(open(path, "wb"), x=x, y=np.arange(50)))

    def test_unknown_methods(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "a.zip")
            with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
                archive.writestr("a", b"text")
            code, _, said = dump(path)
            self.assertEqual(code, 4)
            self.assertIn("the entry a is packed by zip method 14", said)


if __name__ == "__main__":
    unittest.main()
