"""The tree of RFC 9162: against published vectors, against a second implementation, and against itself."""

import base64
import hashlib
import json
from pathlib import Path

import pymerkle
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from review.audit import merkle

VECTORS = Path(__file__).resolve().parents[2] / ".." / "shared" / "samples" / "merkle-vectors"
NAMES = sorted(path.name for path in VECTORS.glob("*__*.json")) or ["absent"]

REFERENCE_INPUTS = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
]
REFERENCE_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def raw(text: str | None) -> bytes:
    return base64.b64decode(text or "")


@pytest.mark.parametrize("name", NAMES)
def test_published_vectors(name):
    if not VECTORS.is_dir():
        pytest.skip("../shared/samples/merkle-vectors is absent")
    vector = json.loads((VECTORS / name).read_text())
    proof = [raw(step) for step in vector["proof"] or []]
    if name.startswith("inclusion"):
        holds = merkle.verify_inclusion(
            vector["leafIdx"], vector["treeSize"], raw(vector["leafHash"]), proof, raw(vector["root"])
        )
    else:
        holds = merkle.verify_consistency(
            vector["size1"], vector["size2"], raw(vector["root1"]), raw(vector["root2"]), proof
        )
    assert holds is not vector["wantErr"], vector["desc"]


def test_the_reference_roots_of_certificate_transparency():
    tree = merkle.Frontier()
    assert tree.root() == hashlib.sha256(b"").digest()
    for entry, root in zip(REFERENCE_INPUTS, REFERENCE_ROOTS, strict=True):
        tree.append(merkle.leaf_hash(bytes.fromhex(entry)))
        assert tree.root().hex() == root


class Whole:
    """A tree with all its nodes, grown as the ledger grows it."""

    def __init__(self, size: int) -> None:
        self.leaves = [merkle.leaf_hash(b"entry %d" % number) for number in range(size)]
        self.nodes: dict[merkle.Node, bytes] = {}
        for index, leaf in enumerate(self.leaves):
            left = [self.nodes[node] for node in merkle.siblings(index)]
            for level, at, node in merkle.completed(index, leaf, left):
                self.nodes[level, at] = node

    def root(self, size: int) -> bytes:
        return merkle.range_hash((0, size), self.nodes)

    def proof(self, ranges: list[merkle.Range]) -> list[bytes]:
        return [merkle.range_hash(span, self.nodes) for span in ranges]


TREE = Whole(300)


def hash_by_definition(leaves: list[bytes]) -> bytes:
    """MTH of RFC 9162, section 2.1.1, word for word."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return merkle.node_hash(hash_by_definition(leaves[:split]), hash_by_definition(leaves[split:]))


sizes = some.integers(1, 300)


@given(sizes)
def test_the_root_is_the_one_by_definition(size):
    assert TREE.root(size) == hash_by_definition(TREE.leaves[:size])


@given(sizes)
def test_a_frontier_names_the_nodes_that_the_ledger_keeps(size):
    tree, nodes = merkle.Frontier(), {}
    for index, leaf in enumerate(TREE.leaves[:size]):
        nodes[0, index] = leaf
        nodes |= {(level, at): node for level, at, node in tree.append(leaf)}
    assert tree.root() == TREE.root(size)
    assert nodes.items() <= TREE.nodes.items()
    assert len(nodes) == 2 * size - size.bit_count()


@given(some.data())
def test_every_leaf_is_proved_and_no_other(data):
    size = data.draw(sizes)
    index = data.draw(some.integers(0, size - 1))
    proof, root = TREE.proof(merkle.inclusion_ranges(index, size)), TREE.root(size)
    assert len(proof) <= size.bit_length()
    assert merkle.verify_inclusion(index, size, TREE.leaves[index], proof, root)
    other = data.draw(some.integers(0, 299).filter(lambda number: number != index))
    assert not merkle.verify_inclusion(index, size, TREE.leaves[other], proof, root)
    assert not merkle.verify_inclusion(other, size, TREE.leaves[index], proof, root)


@given(some.data())
def test_every_older_tree_is_shown_to_be_a_beginning_and_no_other(data):
    new = data.draw(sizes)
    old = data.draw(some.integers(1, new))
    proof = TREE.proof(merkle.consistency_ranges(old, new))
    assert merkle.verify_consistency(old, new, TREE.root(old), TREE.root(new), proof)
    other = data.draw(sizes.filter(lambda size: size != old))
    assert not merkle.verify_consistency(old, new, TREE.root(other), TREE.root(new), proof)


@settings(max_examples=30)
@given(some.integers(1, 70))
def test_a_second_implementation_agrees(size):
    other = pymerkle.InmemoryTree(algorithm="sha256")
    for number in range(size):
        other.append_entry(b"entry %d" % number)
    assert other.get_root() == TREE.root(size)
    for index in range(size):
        pymerkle.verify_inclusion(TREE.leaves[index], TREE.root(size), other.prove_inclusion(index + 1, size))


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_there_is_no_proof_of_a_leaf_outside_the_tree(index, size):
    with pytest.raises(ValueError, match="no leaf"):
        merkle.inclusion_ranges(index, size)


@pytest.mark.parametrize(("old", "new"), [(0, 3), (4, 3), (-1, 3)])
def test_there_is_no_proof_between_impossible_sizes(old, new):
    with pytest.raises(ValueError, match="cannot extend"):
        merkle.consistency_ranges(old, new)
