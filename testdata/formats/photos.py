# SPDX-License-Identifier: BSD-2-Clause
"""Pictures that look like photos: they go on from row to row, which noise does not."""
from basics import *


def scene(seed, width, height):
    """A PPM that goes on from row to row like a photograph: sky, hills, houses, a little noise."""
    rng = random.Random(seed)
    hills = [(rng.uniform(.02, .2) * height, rng.uniform(.5, 3) * math.tau / width, rng.uniform(0, math.tau),
              [rng.randrange(30, 140) for _ in range(3)]) for _ in range(4)]
    houses = [(rng.randrange(width), rng.uniform(.3, .95) * height, rng.randrange(8, width // 6),
               rng.randrange(8, height // 3), [rng.randrange(40, 250) for _ in range(3)]) for _ in range(14)]
    top = [rng.randrange(60, 160), rng.randrange(120, 200), rng.randrange(180, 255)]
    out = bytearray()
    for y in range(height):
        for x in range(width):
            colour = [c + (235 - c) * y // height for c in top]
            for i, (size, wave, phase, paint) in enumerate(hills):
                if y > height * (.35 + .15 * i) + size * math.sin(wave * x + phase):
                    colour = [c + int(12 * math.sin(x * .21 + i) * math.sin(y * .17)) for c in paint]
            for left, low, wide, high, paint in houses:
                if left <= x < left + wide and low - high <= y < low:
                    colour = [c - (x - left) * 40 // wide for c in paint]
            noise = rng.randrange(-5, 6)
            out += bytes(min(255, max(0, c + noise)) for c in colour)
    return b"P6 %d %d 255\n" % (width, height) + bytes(out)


def photos():
    first, small = scene(1, 512, 384), scene(3, 320, 240)
    save("photo-first.jpg", run("cjpeg", "-quality", "70", data=first))
    save("photo-second.jpg", run("cjpeg", "-quality", "70", data=scene(2, 512, 384)))
    save("photo-restarts.jpg", run("cjpeg", "-quality", "75", "-restart", "1", data=small))
    save("photo-progressive.jpg", run("cjpeg", "-quality", "70", "-progressive", data=first))
