"""Two more kinds of import contract, for packages that may not be written yet. Set in pyproject.toml."""

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class DoorsContract(Contract):
    """A room's tables are opened by that room alone; its readers come in by one door.

    Options: `rooms` (names below the root package), `readers` (packages that read rooms) and `door` (the one
    module of a room that readers may import). A package that is not written yet breaks nothing.
    """

    type_name = "doors"
    rooms = fields.ListField(subfield=fields.StringField())
    readers = fields.ListField(subfield=fields.StringField(), required=False)
    door = fields.StringField(required=False)

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        root = self.session_options["root_packages"][0]
        broken = [
            f"{importer} -> {imported}"
            for home in (f"{root}.{room}" for room in self.rooms)
            for imported in sorted(module for module in graph.modules if _within(module, home))
            for importer in sorted(graph.find_modules_that_directly_import(imported))
            if not _within(importer, home) and self._is_wrong(root, home, importer, imported)
        ]
        return ContractCheck(kept=not broken, metadata={"broken": broken})

    def _is_wrong(self, root: str, home: str, importer: str, imported: str) -> bool:
        if _within(imported, f"{home}.models"):
            return True
        reads = any(_within(importer, f"{root}.{reader}") for reader in self.readers or ())
        return reads and not _within(imported, f"{home}.{self.door}")

    def render_broken_contract(self, check: ContractCheck) -> None:
        for line in check.metadata["broken"]:
            output.print_error(line, bold=False)
        output.new_line()


class WallContract(Contract):
    """What stands on one side of a wall reaches nothing on the other, not even through a third module.

    Options: `here` and `there` (names below the root package); those not written yet are passed over.
    """

    type_name = "wall"
    here = fields.ListField(subfield=fields.StringField())
    there = fields.ListField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        root = self.session_options["root_packages"][0]
        chains = []
        for here in (f"{root}.{name}" for name in self.here):
            for there in (f"{root}.{name}" for name in self.there):
                if here in graph.modules and there in graph.modules:
                    chains += graph.find_shortest_chains(importer=here, imported=there, as_packages=True)
        return ContractCheck(kept=not chains, metadata={"chains": sorted(chains)})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for chain in check.metadata["chains"]:
            output.print_error(" -> ".join(chain), bold=False)
        output.new_line()


def _within(module: str, package: str) -> bool:
    return module == package or module.startswith(package + ".")
