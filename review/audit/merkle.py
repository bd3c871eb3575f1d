"""The Merkle tree of RFC 9162, section 2.1, as pure functions.

A *node* is ``(level, index)``: the complete subtree over the 2**level leaves from ``index * 2**level``.
Complete subtrees never change once they exist, so they are what the ledger keeps; every root and every proof
is folded from them. Hashes are 32 bytes.
"""

import hashlib
from collections.abc import Mapping, Sequence

Node = tuple[int, int]
Range = tuple[int, int]

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()

_sha256 = hashlib.sha256


def leaf_hash(data: bytes) -> bytes:
    """Hash one entry: SHA-256(0x00 || data)."""
    return _sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two subtrees: SHA-256(0x01 || left || right)."""
    return _sha256(b"\x01" + left + right).digest()


def subtrees(begin: int, end: int) -> list[Node]:
    """Split the leaves [begin, end) into the fewest complete subtrees, left to right."""
    nodes: list[Node] = []
    while begin < end:
        level = (end - begin).bit_length() - 1
        if begin:
            level = min(level, (begin & -begin).bit_length() - 1)
        nodes.append((level, begin >> level))
        begin += 1 << level
    return nodes


def fold(hashes: Sequence[bytes]) -> bytes:
    """Join the subtrees of one range, given left to right, into the hash of that range."""
    if not hashes:
        return EMPTY_ROOT
    result = hashes[-1]
    for left in reversed(hashes[:-1]):
        result = node_hash(left, result)
    return result


def range_hash(span: Range, known: Mapping[Node, bytes]) -> bytes:
    """Return the hash over the leaves of a range from known complete subtrees.

    Raises:
        KeyError: a needed subtree is not known.
    """
    return fold([known[node] for node in subtrees(*span)])


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """Name the ranges whose hashes prove leaf ``index`` in a tree of ``size`` (RFC 9162, 2.1.3.1).

    Raises:
        ValueError: there is no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} has no leaf {index}")
    begin, end, path = 0, size, []
    while end - begin > 1:
        middle = begin + _split(end - begin)
        if index < middle:
            path.append((middle, end))
            end = middle
        else:
            path.append((begin, middle))
            begin = middle
    return path[::-1]


def consistency_ranges(old: int, new: int) -> list[Range]:
    """Name the ranges whose hashes prove that a tree of ``new`` extends one of ``old`` (RFC 9162, 2.1.4.1).

    Raises:
        ValueError: unless 0 < old <= new.
    """
    if not 0 < old <= new:
        raise ValueError(f"a tree of {new} cannot extend one of {old}")
    begin, end, whole, path = 0, new, True, []
    while old != end:
        middle = begin + _split(end - begin)
        if old <= middle:
            path.append((middle, end))
            end = middle
        else:
            path.append((begin, middle))
            begin, whole = middle, False
    if not whole:
        path.append((begin, end))
    return path[::-1]


def nodes_of(ranges: Sequence[Range]) -> list[Node]:
    """List every complete subtree that the ranges need."""
    return [node for span in ranges for node in subtrees(*span)]


def siblings(index: int) -> list[Node]:
    """List the left neighbors that leaf ``index`` completes subtrees with, lowest first."""
    nodes: list[Node] = []
    level = 0
    while index >> level & 1:
        nodes.append((level, (index >> level) - 1))
        level += 1
    return nodes


def completed(index: int, leaf: bytes, left: Sequence[bytes]) -> list[tuple[int, int, bytes]]:
    """List the nodes (level, index, hash) that leaf ``index`` completes, the leaf itself first.

    Args:
        index: the position of the new leaf.
        leaf: its hash.
        left: the hashes of ``siblings(index)``, in that order.
    """
    nodes = [(0, index, leaf)]
    for level, neighbor in enumerate(left, start=1):
        leaf = node_hash(neighbor, leaf)
        nodes.append((level, index >> level, leaf))
    return nodes


def verify_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> bool:
    """Say whether the proof shows the leaf at ``index`` under ``root`` (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size or not _are_hashes([leaf, root, *proof]):
        return False
    at, last, result = index, size - 1, leaf
    for step in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            result = node_hash(step, result)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            result = node_hash(result, step)
        at, last = at >> 1, last >> 1
    return last == 0 and result == root


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Say whether the proof shows that the new tree extends the old one (RFC 9162, 2.1.4.2)."""
    if not 0 < old <= new:
        return False
    if old == new:
        return not proof and old_root == new_root
    if not proof or not _are_hashes([old_root, new_root, *proof]):
        return False
    path = list(proof) if old & (old - 1) else [old_root, *proof]
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    before = after = path[0]
    for step in path[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            before, after = node_hash(step, before), node_hash(step, after)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            after = node_hash(after, step)
        at, last = at >> 1, last >> 1
    return last == 0 and before == old_root and after == new_root


class Frontier:
    """The right edge of a growing tree: enough to name each new node and the root, in O(log n) memory."""

    def __init__(self) -> None:
        self.size = 0
        self._edge: list[bytes] = []

    def append(self, leaf: bytes) -> list[tuple[int, int, bytes]]:
        """Add a leaf hash; return the nodes (level, index, hash) above it that it completes."""
        index, edge = self.size, self._edge
        self.size = index + 1
        made = []
        level = 0
        while index >> level & 1:
            leaf = _sha256(b"\x01" + edge.pop() + leaf).digest()
            level += 1
            made.append((level, index >> level, leaf))
        edge.append(leaf)
        return made

    def edge(self) -> list[bytes]:
        """Return the hashes of the complete subtrees that make up the tree, left to right."""
        return list(self._edge)

    def root(self) -> bytes:
        """Return the root over all leaves so far."""
        return fold(self._edge)


def _split(size: int) -> int:
    return 1 << ((size - 1).bit_length() - 1)


def _are_hashes(values: Sequence[bytes]) -> bool:
    return all(len(value) == HASH_BYTES for value in values)
