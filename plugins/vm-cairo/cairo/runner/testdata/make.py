"""Compiles the programs of this folder and runs them on the Python VM; see README.md."""
import hashlib, json, pathlib, struct, subprocess, sys, tempfile, zipfile

here = pathlib.Path(__file__).parent
bin = pathlib.Path(sys.executable).parent
# The layouts in which a program is run, in execution mode and, behind the slash, for a proof.
layouts = {
    "fibonacci": "plain small/plain small recursive", "output": "small starknet/small all_solidity", "hashes": "starknet starknet_with_keccak/starknet_with_keccak recursive_with_poseidon",
    "curves": "starknet/all_solidity", "keccak": "starknet_with_keccak/starknet_with_keccak", "math": "small dex recursive/small dex",
    "memory": "small/", "dicts": "small recursive_large_output/", "arrays": "small/small", "uint256": "recursive/", "keccaks": "recursive/",
    "modulo": "dynamic/dynamic", "fields": "small/small", "secp": "recursive/", "blake": "recursive/", "variants": "small recursive/small", "modules": "/", "errors": "/", "bench": "/",
}


def sha(data):
    return hashlib.sha256(data).hexdigest()


def run(name, layout, proof, folder):
    f = {k: folder / k for k in ("trace", "memory", "public", "private")}
    args = [sys.executable, bin / "cairo-run", "--program", folder / f"{name}.json", "--layout", layout,
            "--trace_file", f["trace"], "--memory_file", f["memory"]]
    if layout == "dynamic":
        args += ["--cairo_layout_params_file", here / "dynamic.json"]
    if proof:
        args += ["--proof_mode", "--air_public_input", f["public"], "--air_private_input", f["private"]]
    else:
        args += ["--print_output", "--cairo_pie_output", folder / "pie"]
    out = subprocess.run(args, check=True, capture_output=True, text=True).stdout
    trace, memory = f["trace"].read_bytes(), f["memory"].read_bytes()
    cells = sorted(memory[i:i + 40] for i in range(0, len(memory), 40))
    cells.sort(key=lambda c: struct.unpack("<Q", c[:8]))
    r = {"layout": layout, "proof": proof, "steps": len(trace) // 24, "trace": sha(trace),
         "cells": len(cells), "memory": sha(b"".join(cells))}
    if proof:
        public, private = json.loads(f["public"].read_text()), json.loads(f["private"].read_text())
        private.pop("trace_path"), private.pop("memory_path")
        for v in public, private:
            v.pop("dynamic_params", None)
        public["public_memory"] = sha(json.dumps(public["public_memory"], sort_keys=True, separators=(",", ":")).encode())
        r["public"] = public
        r["private"] = sha(json.dumps(private, sort_keys=True, separators=(",", ":")).encode())
    else:
        with zipfile.ZipFile(folder / "pie") as z:
            text = z.read("metadata.json") + z.read("additional_data.json")
            cells = z.read("memory.bin")
        cells = sorted((cells[i:i + 40] for i in range(0, len(cells), 40)), key=lambda c: struct.unpack("<Q", c[:8]))
        r["pie"] = sha(text + b"".join(cells))
        r["output"] = [l.strip() for l in out.split("Program output:")[-1].split("\n") if l.strip()] if "Program output" in out else []
    return r


def main(names):
    for name in names or layouts:
        print(name, flush=True)
        execution, proof = layouts[name].split("/")
        runs = []
        with tempfile.TemporaryDirectory() as t:
            for mode, flags in ("", []), ("proof", ["--proof_mode"]):
                folder = pathlib.Path(t) / (mode or "plain")
                folder.mkdir()
                target = folder / f"{name}.json"
                subprocess.run([sys.executable, bin / "cairo-compile", here / f"{name}.cairo", "--no_debug_info",
                                "--output", target, *flags], check=True)
                suffix = f".{mode}.json" if mode else ".json"
                if not mode or proof:
                    (here / f"{name}{suffix}").write_text(json.dumps(json.loads(target.read_text()), separators=(",", ":")) + "\n")
                for layout in (proof if mode else execution).split():
                    runs.append(run(name, layout, bool(mode), folder))
        if runs:
            (here / f"{name}.reference.json").write_text(json.dumps(runs, indent=1) + "\n")


main(sys.argv[1:])
