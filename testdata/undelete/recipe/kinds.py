# SPDX-License-Identifier: BSD-2-Clause
"""What happens on which seed volume."""

# Free room that is left, in KiB, after the room that is only taken.
ROOM = {'ext2': 7000, 'ext3': 7000, 'ext4': 7500, 'fat32': 8000, 'ntfs': 8000, 'exfat': 8000, 'f2fs': 14000}
TIGHT = {'f2fs': 2500}
MORE = {('fat32', 5): 3000}


def history(plan):
    """A life in phases; what differs by seed comes out of the generator."""
    rng, kind = plan.rng, plan.kind
    extra = [plan.fill('room', ROOM[kind] + MORE.get((kind, plan.seed), 0))]
    plan.make_folders()
    for n in range(36 + rng.randrange(12)):
        plan.new()
        if n % 9 == 8:
            plan.sync()
    if kind == 'ntfs':
        streams(plan)
    plan.sync()
    for _ in range(2):
        plan.interleave(3, rng.randrange(3, 6))
    group = plan.holes(44)
    extra.append(plan.fill('fill', TIGHT.get(kind, 330)))
    plan.fill_holes(group)
    if rng.random() < 0.6:
        plan.do('rm -rf fill')
    plan.sync()
    if kind == 'f2fs':
        plan.patch_some(8)
    if (kind, plan.seed) in plan.packed:
        plan.stage()
    plan.remove_some(14)
    plan.sync()
    if plan.seed % 2 == 0:
        plan.stage()
    for _ in range(5):
        plan.new(rng.randrange(200, 60000))
    plan.change_some(6)
    if (kind, plan.seed) in plan.packed:
        plan.stage()
    plan.remove_folder(rng.choice(plan.folders[:8]))
    plan.sync()
    for _ in range(3):
        plan.new(rng.randrange(30, 30000))
    plan.sync()
    if (kind, plan.seed) in (('ext4', 4), ('ext3', 2)):
        churn(plan)
    plan.remove_some(18)
    plan.sync()
    plan.change_some(3)
    plan.stage()
    plan.remove_folder(plan.folders[-1].rsplit(b'/', 2)[0])
    plan.sync()
    plan.remove_some(16)
    plan.sync()
    return extra


def twin(plan):
    """Only what seed 1 began with, and no second version of anything."""
    extra = [plan.fill('room', ROOM[plan.kind])]
    plan.make_folders()
    for n in range(50):
        plan.new()
        if n % 9 == 8:
            plan.sync()
    if plan.kind == 'ntfs':
        streams(plan)
    return extra


def churn(plan):
    """So many commits that a small journal begins again from its start."""
    plan.do('mkdir churn')
    for n in range(130):
        folder = 'churn/%d' % n
        plan.do('mkdir %s && : >%s/a && : >%s/b; sync' % (folder, folder, folder))


def streams(plan):
    """Further streams of some files; each is a file of its own in the truth."""
    for n, base in enumerate(plan.rng.sample(plan.alive(), 8)):
        name = (b'second', 'ملاحظة'.encode())[n % 2]
        _, body = plan.content((30, 300, 2500, 30000)[n % 4], 'txt')
        plan.do('cat', plan.store(body), '>', plan.quote(base.path + b':' + name))
        plan.streams.append((base, name, body))
