"""Data flows one way: a file includes its own room and rooms of a lower number, the command only the public header."""
import os, pathlib, re, unittest

SOURCE = pathlib.Path(os.environ["DLGUIDER_SOURCE"])
ROOMS = {"base": 0, "data": 1, "model": 1, "source": 1, "engine": 2, "gradient": 2, "formula": 2, "aggregate": 2, "spectrum": 3,
         "evidence": 4, "refit": 4, "method": 5, "report": 6, "api": 7, "cli": 8}
MOST_LINES = 800


def files():
    return sorted(p for p in (SOURCE / "src").rglob("*.[ch]"))


class Rooms(unittest.TestCase):
    def test_every_file_lies_in_a_room(self):
        self.assertEqual(sorted({p.relative_to(SOURCE / "src").parts[0] for p in files()} - set(ROOMS)), [])

    def test_includes_point_downwards(self):
        wrong = []
        for path in files():
            room = path.relative_to(SOURCE / "src").parts[0]
            for target in re.findall(r'^#\s*include\s+"([^"]+)"', path.read_text(), re.M):
                if "/" not in target and (path.parent / target).exists():
                    fine = True
                elif target == "dlguider.h":
                    fine = room in ("api", "cli")
                else:
                    other = target.split("/")[0]
                    fine = other == room or (room != "cli" and other in ROOMS and ROOMS[other] < ROOMS[room])
                if not fine:
                    wrong.append(f"{path.relative_to(SOURCE)}: {target}")
        self.assertEqual(wrong, [])

    def test_private_headers_stay_in_their_room(self):
        wrong = [f"{p}: {t}" for p in files() for t in re.findall(r'#include "([^"]+_priv\.h)"', p.read_text())
                 if t.split("/")[0] != p.relative_to(SOURCE / "src").parts[0]]
        self.assertEqual(wrong, [])

    def test_no_room_is_crowded(self):
        long = {str(p.relative_to(SOURCE)): n for p in files() if (n := len(p.read_text().splitlines())) > MOST_LINES and "do not edit" not in p.read_text()[:200]}
        self.assertEqual(long, {})


if __name__ == "__main__":
    unittest.main()
