#!/usr/bin/env bash
# Proves formal/*_props.v over small parameter sets with Yosys' SAT solver, then plants an error in each module and
# checks that its proof fails.  Exit: 0 all proved, 1 a proof failed, 3 Yosys is missing.
set -u
cd "$(dirname "$0")/.." || exit 1
YOSYS=${YOSYS:-yosys}
command -v "$YOSYS" > /dev/null || { echo "prove.sh: $YOSYS not found" >&2; exit 3; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
jobs=$(nproc)

# A proof a process, as many as there are processors; one that fails leaves its mark in $work.
pool() {
  while (($(jobs -rp | wc -l) >= jobs)); do wait -n; done
  (log=$work/$BASHPID; "$@" || touch "$work/failed"; rm -rf "$log" "$log.rtl") &
}
holds() { pool check_holds "$@"; }
caught() { pool check_caught "$@"; }

prove() { # files top parameters...
  local files=$1 top=$2 set=; shift 2
  for p in "$@"; do set+=" -chparam ${p%%=*} ${p#*=}"; done
  "$YOSYS" -q -p "read_verilog -formal $files formal/$top.v; hierarchy -check -top $top$set; proc; flatten; opt;
    sat -verify -prove-asserts -set-assumes -enable_undef -set-def-inputs -show-inputs -show-outputs" > "$log" 2>&1
}

check_holds() { # top parameters...
  if ! prove "*.v" "$@"; then
    { echo "FAIL $*"; tail -30 "$log"; } > "$log.text"; cat "$log.text"
    return 1
  fi
  echo "OK   $*"
}

check_caught() { # file sed-expression top parameters...
  local file=$1 edit=$2 rtl=$log.rtl; shift 2
  mkdir "$rtl" && cp ./*.v "$rtl" && sed -i "$edit" "$rtl/$file"
  if cmp -s "$file" "$rtl/$file"; then
    echo "FAIL the planted error '$edit' does not apply"
  elif prove "$rtl/*.v" "$@"; then
    echo "FAIL not caught: $edit in $file"
  elif ! grep -q 'proof did fail' "$log"; then
    { echo "FAIL no counterexample: $edit in $file"; tail -5 "$log"; } > "$log.text"; cat "$log.text"
  else
    echo "OK   planted error caught: $file $edit"
    return 0
  fi
  return 1
}

for round in 0 1 2 3 4 5 6 7 8 9 10; do
  for range in 3 4 5; do
    holds fx_requantize_props ROUND=$round RANGE=$range
    holds fx_requantize_props ROUND=$round RANGE=$range IN_W=7 IN_F=3 OUT_W=6 OUT_F=2 RAND_BITS=4
  done
done
for round in 0 1 2 3 4 5 6 10; do
  for family in 0 1 2 3 4; do
    holds fp_round_pack_props ROUND=$round FAMILY=$family RANGE=$(((round + family) % 3)) SUBNORMALS=$((family % 2))
    holds fp_round_pack_props ROUND=$round FAMILY=$family RANGE=$(((round + family + 1) % 3)) SUBNORMALS=$(((family + 1) % 2))
  done
  holds fp_round_pack_props ROUND=$round FAMILY=0 FRAC_W=0
  holds fp_round_pack_props ROUND=$round FAMILY=3 EXP_W=1 FRAC_W=3 RANGE=2
  holds fp_round_pack_props ROUND=$round FAMILY=0 EXP_W=1 FRAC_W=3 RANGE=$((round % 3))
done

caught fx_round_up.v 's/guard & (tail | in_odd)/guard/' fx_requantize_props ROUND=0
caught fp_round.v 's/under | is_odd;/1;/' fp_round_pack_props ROUND=0
caught fp_round.v "s/: ROUND\\[3:0\\]/: 4'd0/" fp_round_pack_props ROUND=1
caught fp_round.v 's/(&win\[WIN_W-2:LOST_W\]) & up/up/' fp_round_pack_props ROUND=0
caught fp_round.v 's/ & ~(too_large & EXP_W == 1 & FAMILY == 0)//' fp_round_pack_props ROUND=1 FAMILY=0 EXP_W=1 FRAC_W=3 RANGE=1
caught fp_round.v 's/cut_sticky | shifted_sticky/cut_sticky/' fp_round_pack_props ROUND=3

wait
[ ! -e "$work/failed" ] || exit 1
echo "prove.sh: all proofs hold"
