#!/usr/bin/env bash
# Lints (Verilator -Wall) and elaborates (Yosys: no loop, no latch, no two drivers) each unit and the modules below it over
# many parameter sets, the smallest and the largest included, and maps each unit's defaults to ice40; then checks that
# illegal parameters stop both tools with our words.
#   rtl/lint.sh [-m]     -m: Yosys maps every set; long
# Exit: 0 all fine, 1 a set failed, 3 a tool is missing.
set -u
cd "$(dirname "$0")" || exit 1
VERILATOR=${VERILATOR:-verilator}
YOSYS=${YOSYS:-yosys}
for tool in "$VERILATOR" "$YOSYS"; do
  command -v "$tool" > /dev/null || { echo "lint.sh: $tool not found" >&2; exit 3; }
done
map=
[ "${1:-}" = -m ] && map=synth_ice40
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
jobs=$(nproc)

# A set a process, as many as there are processors; a failed one leaves its mark in $work.
pool() {
  while (($(jobs -rp | wc -l) >= jobs)); do wait -n; done
  (log=$work/$BASHPID; "$@" || touch "$work/failed"; rm -f "$log") &
}

# Names of float formats: WIDTH EXP FRAC BIAS FAMILY.
format() {
  case $1 in
    bf16) echo 16 8 7 127 0 ;;      fp16) echo 16 5 10 15 0 ;;    fp32) echo 32 8 23 127 0 ;;
    e4m3) echo 8 4 3 7 0 ;;         e4m3fn) echo 8 4 3 7 1 ;;     e5m2) echo 8 5 2 15 0 ;;
    e4m3fnuz) echo 8 4 3 8 2 ;;     e5m2fnuz) echo 8 5 2 16 2 ;;  e4m3b11fnuz) echo 8 4 3 11 2 ;;
    e3m4) echo 8 3 4 3 3 ;;         e2m1fn) echo 4 2 1 1 3 ;;     e2m3fn) echo 6 2 3 1 3 ;;
    p4se) echo 8 4 3 8 4 ;;         p3sf) echo 8 5 2 16 5 ;;      e5m0) echo 6 5 0 15 0 ;;
    e4m0fn) echo 5 4 0 7 1 ;;       e1m6) echo 8 1 6 0 3 ;;       e1m0) echo 2 1 0 0 3 ;;
    e1m14) echo 16 1 14 0 0 ;;      e4m11) echo 16 4 11 7 0 ;;    e11m4) echo 16 11 4 1023 0 ;;
    e11m0p) echo 12 11 0 1024 4 ;;  e1m1p) echo 3 1 1 1 4 ;;      e11m20) echo 32 11 20 1023 0 ;;
    e8m0z) echo 9 8 0 128 2 ;;      e5m10b20) echo 16 5 10 20 3 ;;
    *) echo "lint.sh: no format $1" >&2; exit 1 ;;
  esac
}

# float W G [P]: the parameters of a float pair; a third format makes the unit unfused.
float() {
  local w g p
  w=($(format "$1")) g=($(format "$2"))
  echo "KIND=1 W_WIDTH=${w[0]} W_EXP=${w[1]} W_FRAC=${w[2]} W_BIAS=${w[3]} W_FAMILY=${w[4]}" \
    "G_WIDTH=${g[0]} G_EXP=${g[1]} G_FRAC=${g[2]} G_BIAS=${g[3]} G_FAMILY=${g[4]} RANGE=0 P_RANGE=0"
  if [ $# -gt 2 ]; then
    p=($(format "$3"))
    echo "FUSED=0 P_WIDTH=${p[0]} P_EXP=${p[1]} P_FRAC=${p[2]} P_BIAS=${p[3]} P_FAMILY=${p[4]}"
  fi
}

run_verilator() { # top parameters...
  local top=$1; shift
  "$VERILATOR" --lint-only -Wall --top-module "$top" "${@/#/-G}" lint.vlt ./*.v > "$log" 2>&1
}

# Yosys takes a negative parameter only as a sized constant, and 0.23 trips over some modules under hierarchy's -chparam.
run_yosys() { # top parameters...
  local top=$1 set= value; shift
  for p in "$@"; do
    value=${p#*=}
    ((value < 0)) && value=$(printf "32'h%08X" $((value & 0xFFFFFFFF)))
    set+=" -set ${p%%=*} $value"
  done
  "$YOSYS" -q -p "read_verilog *.v; chparam$set $top; hierarchy -check -top $top; proc; opt; check -assert; \
    select -assert-none t:\$dlatch t:\$adlatch t:\$sr; $map" > "$log" 2>&1
}

legal() { pool check_legal "$@"; }
illegal() { pool check_illegal "$@"; }

check_legal() { # top parameters...
  local tool map=$map
  [ $# = 1 ] && map=synth_ice40
  for tool in verilator yosys; do
    if ! "run_$tool" "$@"; then
      { echo "FAIL $tool  $*"; sed 's/^/     /' "$log" | tail -20; } > "$log.text"; cat "$log.text"
      return 1
    fi
  done
  echo "OK   $*"
}

check_illegal() { # words-of-the-message top parameters...
  local words=$1 tool; shift
  for tool in verilator yosys; do
    if "run_$tool" "$@"; then
      echo "FAIL $tool accepts  $*"
      return 1
    elif ! grep -q "$words" "$log"; then
      { echo "FAIL $tool stops without '$words'  $*"; sed 's/^/     /' "$log" | tail -5; } > "$log.text"; cat "$log.text"
      return 1
    fi
  done
  echo "OK   refused: $*"
}

unit=sgd_update

# Fixed point: usual, smallest, largest, fractions outside the width.
legal $unit
legal $unit LANES=1 W_WIDTH=2 W_FRAC=0 G_WIDTH=2 G_FRAC=0 STEP_FRAC=0
legal $unit LANES=1 W_WIDTH=2 W_FRAC=-3 G_WIDTH=2 G_FRAC=12 ROUND=6 RAND_BITS=1 RANGE=5
legal $unit LANES=2 W_WIDTH=16 W_FRAC=30 G_WIDTH=16 G_FRAC=-8 STEP_WIDTH=16 STEP_FRAC=24 ROUND=6 RAND_BITS=32 RANGE=4
legal $unit LANES=2 FUSED=0 P_WIDTH=32 P_FRAC=28 P_ROUND=6 P_RAND_BITS=32 ROUND=6 RAND_BITS=32 STEP_WIDTH=16 P_RANGE=5
legal $unit LANES=1 FUSED=0 P_WIDTH=2 P_FRAC=20 W_WIDTH=8 W_FRAC=4 G_WIDTH=8 G_FRAC=6 P_ROUND=9 ROUND=8 STEP_FRAC=-2
for round in 0 1 2 3 4 5 6 7 8 9; do
  legal $unit LANES=1 W_WIDTH=8 W_FRAC=4 G_WIDTH=8 G_FRAC=6 ROUND=$round RANGE=$((3 + round % 3)) STEP_WIDTH=3
done

# Floats: each rounding and range rule, each family, one to eleven exponent bits, no fraction bits, unfused, mixed.
for round in 0 1 2 3 4 5 6; do
  legal $unit LANES=1 $(float e4m3fn e5m2) ROUND=$round RANGE=$((round % 3))
done
for pair in "e4m3 e4m3" "e5m2 e4m3fn" "e4m3fnuz e5m2fnuz" "e4m3b11fnuz e3m4" "e3m4 e2m3fn" "e2m1fn e2m1fn" "p4se p3sf" \
  "p3sf p4se" "e5m0 e4m0fn" "e4m0fn e5m2" "e1m6 e1m6" "bf16 bf16" "fp16 fp16" "bf16 e5m2" "e4m11 fp16" "e5m10b20 e8m0z"; do
  legal $unit LANES=1 $(float $pair) STEP_WIDTH=4
done
legal $unit LANES=1 $(float e4m3 e4m3) W_SUBNORMALS=0 W_DAZ=1 G_DAZ=1
legal $unit LANES=1 $(float e1m0 e1m0) STEP_FRAC=0
legal $unit LANES=1 $(float e1m1p e1m0 e1m0) ROUND=6 RAND_BITS=1 P_ROUND=6 P_RAND_BITS=1
legal $unit LANES=1 $(float e11m0p e1m14) ROUND=5
legal $unit LANES=4 $(float bf16 bf16) ROUND=6 RAND_BITS=16
legal $unit LANES=1 $(float bf16 e5m2 fp32) P_ROUND=0 ROUND=6
legal $unit LANES=1 $(float e4m3fn e5m2 e3m4) P_SUBNORMALS=0 P_DAZ=1 P_ROUND=6 P_RAND_BITS=4 P_RANGE=2
legal $unit LANES=2 $(float e11m4 e1m14 e11m20) ROUND=6 RAND_BITS=32 P_ROUND=6 P_RAND_BITS=32 STEP_WIDTH=16 STEP_FRAC=40
legal $unit LANES=1 $(float e1m14 e11m4) ROUND=6 RAND_BITS=32 STEP_WIDTH=16 STEP_FRAC=-20

# Modules on their own.
legal random_bits BITS=1
legal random_bits BITS=32
legal fx_requantize
legal fx_requantize ROUND=10 RAND_BITS=12
legal fx_requantize IN_W=1 IN_F=20 OUT_W=2 OUT_F=0 ROUND=6 RAND_BITS=32
legal fx_requantize IN_W=8 IN_F=0 OUT_W=32 OUT_F=20 RANGE=4
legal stream_ranks RANKS=0
legal stream_ranks
legal stream_ranks RANKS=9
legal pipe_rank ON=0
legal pipe_rank W=40
legal fp_unpack
legal fp_round_pack
legal fp_round_pack SHIFT=0 FAMILY=4 SUBNORMALS=0 ROUND=6 RAND_BITS=12 IN_SIG_W=20
legal fp_round_pack ROUND=10 RAND_BITS=1
legal fp_round_pack ROUND=10 SHIFT=0 TINY_LOSS=0 IN_EXP_W=4 FAMILY=0
legal fp_round_pack ROUND=10 RAND_BITS=32 IN_SIG_W=40 SUBNORMALS=0
legal fp_round_pack EXP_W=11 FRAC_W=52 FAMILY=0 IN_EXP_W=14 IN_SIG_W=108

# dot_product and what it is made of: each order, both kinds, mixed, smallest, largest.
# code PREFIX FORMAT: the parameters of an operand or a result that is a float.
code() {
  local f
  f=($(format "$2"))
  echo "$1KIND=1 $1WIDTH=${f[0]} $1EXP=${f[1]} $1FRAC=${f[2]} $1BIAS=${f[3]} $1FAMILY=${f[4]}"
}
# ranges N P...: the range rule of each prefix.
ranges() {
  local p
  for p in "${@:2}"; do echo "${p}_RANGE=$1"; done
}
for order in 0 1 2; do
  legal dot_product ORDER=$order
  legal dot_product ORDER=$order LANES=1 MAX_LENGTH=1 A_WIDTH=2 A_FRAC=0 B_WIDTH=2 B_FRAC=-3 WIDTH=2 FRAC=4
  legal dot_product ORDER=$order LANES=8 MAX_LENGTH=20 ROUND=6 RAND_BITS=12 RANGE=5
  legal dot_product ORDER=$order $(code A_ e4m3fn) $(code B_ e5m2) $(code "" fp16) RANGE=0 ROUND=6 RAND_BITS=8 DAZ=1
  legal dot_product ORDER=$order $(code A_ e4m3fnuz) B_WIDTH=10 B_FRAC=7 WIDTH=20 FRAC=12 RANGE=4 ROUND=9
  legal dot_product ORDER=$order LANES=2 $(code A_ e1m0) $(code B_ e1m1p) $(code "" e8m0z) RANGE=1 ROUND=5
  legal dot_product ORDER=$order LANES=2 $(code A_ bf16) $(code B_ bf16) $(code "" fp32) RANGE=2 SUBNORMALS=0
done
legal dot_product LANES=5 A_WIDTH=32 A_FRAC=40 B_WIDTH=32 B_FRAC=-40 WIDTH=32 FRAC=10 MAX_LENGTH=1048576
legal polyak_average
legal polyak_average LANES=1 W_WIDTH=2 W_FRAC=-3 AVG_WIDTH=2 AVG_FRAC=5 C_WIDTH=1 C_FRAC=-1 ROUND=9 RANGE=5
legal polyak_average LANES=3 $(code W_ e4m3fn) AVG_WIDTH=32 AVG_FRAC=24 C_WIDTH=16 C_FRAC=16 ROUND=6 RAND_BITS=32
legal polyak_average LANES=1 $(code W_ bf16) AVG_WIDTH=32 AVG_FRAC=24 ROUND=6 RAND_BITS=8 RANGE=4
legal dq_compress
legal dq_compress LANES=1 BITS=1 G_WIDTH=2 E_WIDTH=2 U_WIDTH=3 SHIFT_WIDTH=1
legal dq_compress MOMENTUM=1 U_FRAC=16 U_WIDTH=27
legal dq_compress LANES=2 BITS=32 G_WIDTH=16 G_FRAC=-4 E_WIDTH=40 E_FRAC=30 MOMENTUM=1 GAM_WIDTH=4 U_WIDTH=62 U_FRAC=38 SHIFT_WIDTH=6
legal xnor_dot
legal xnor_dot LANES=1 LENGTH=1 WORD=1
legal xnor_dot LENGTH=3 WORD=10
legal xnor_dot LANES=1 LENGTH=1048576 WORD=1024
legal sign_dot
legal sign_dot LANES=1 LENGTH=1 WORD=1 X_WIDTH=1
legal sign_dot LENGTH=2 WORD=6 X_WIDTH=32
legal sign_dot LANES=1 LENGTH=1000000 WORD=9
legal $unit MOMENTUM=1
legal $unit MOMENTUM=1 LANES=1 V_WIDTH=2 V_FRAC=-3 MU_WIDTH=1 MU_FRAC=-1 FUSED=0 P_ROUND=6 ROUND=6 V_ROUND=6 V_RAND_BITS=32
legal $unit MOMENTUM=1 LANES=1 V_WIDTH=16 V_FRAC=20 MU_WIDTH=16 MU_FRAC=16 STEP_WIDTH=16 V_RANGE=5 V_ROUND=8
legal $unit MOMENTUM=1 LANES=2 $(float e4m3fn e5m2) $(code V_ fp16 | sed 's/V_KIND=1//') V_RANGE=0 V_ROUND=6 V_SUBNORMALS=0 V_DAZ=1
legal $unit MOMENTUM=1 LANES=1 $(float bf16 bf16 fp32) $(code V_ bf16 | sed 's/V_KIND=1//') V_RANGE=1 MU_WIDTH=16
# linear_step: smallest, every quantizer drawing in batches, small floats with trees, sums without formats, wide floats.
legal linear_step LANES=4
legal linear_step LANES=1 DEPTH=1 D_ON=0 D_WIDTH=16 D_FRAC=12 P_ON=0 P_WIDTH=16 P_FRAC=12 L_ON=0 L_FRAC=12 A_ON=0 F_WIDTH=16 F_FRAC=10 \
  G_ON=0 B_WIDTH=16 B_FRAC=12 STEP_FRAC=-2 O_RANGE=5
legal linear_step LANES=3 DEPTH=8 ROWS=5 MOMENTUM=1 FUSED=0 F_ORDER=1 B_ORDER=1 D_ROUND=6 P_ROUND=6 L_ROUND=6 A_ROUND=6 O_ROUND=6 F_ROUND=6 \
  B_ROUND=6 G_ROUND=6 W_ROUND=6 U_ROUND=6 V_ROUND=6 P_RAND_BITS=1 F_RAND_BITS=32 MU_WIDTH=16 STEP_WIDTH=16
legal linear_step LANES=2 DEPTH=9 ROWS=2 F_ORDER=2 B_ORDER=2 $(code X_ fp16) $(code D_ e4m3fn) $(code P_ e5m2) $(code F_ fp16) $(code A_ bf16) \
  $(code O_ e4m3fn) $(code B_ fp16) $(code G_ e5m2) $(code W_ e4m3) $(ranges 0 D P F A O B G W)
legal linear_step LANES=1 ROWS=3 A_ON=0 G_ON=0 $(code X_ fp16) $(code D_ e5m2) $(code Y_ bf16) $(code L_ fp16) $(code P_ e4m3fnuz) $(code F_ bf16) $(code A_ bf16) \
  $(code O_ e4m3fn) $(code B_ bf16) $(code G_ bf16) $(code W_ bf16) F_ROUND=6 B_ROUND=6 $(ranges 1 D L P F A O B G W)
legal ram_sync
legal ram_sync W=1 DEPTH=1
legal ram_sync DEPTH=5
legal random_lanes
legal random_lanes ON=0 LANES=1 BITS=1
legal exact_convert
legal exact_convert ON=0 S_WIDTH=8
legal exact_convert NEGATE=1 LANES=3 $(code S_ e4m3fn) $(code "" fp16) RANGE=0 ROUND=6 RAND_BITS=9
legal exact_difference
legal dot_product NEGATE=1
legal rank_delay RANKS=0
legal rank_delay W=5 RANKS=3
legal exact_operand
legal exact_value
legal exact_product
legal exact_sum
legal exact_round
legal dot_node

# Illegal sets stop both tools, with our words.
illegal "must be 0 (exact)" dot_product ORDER=3
illegal "power of two" dot_product ORDER=2 LANES=3
illegal "0 unless ORDER is 0" dot_product NEGATE=1 ORDER=1
illegal "ROWS must be in 1..4096" linear_step ROWS=0
illegal "DEPTH must be in" linear_step DEPTH=0
illegal "LANES must be in 1..1024" linear_step LANES=1025
illegal "G_KIND must be W_KIND" linear_step G_KIND=1
illegal "tree must not round" linear_step F_ORDER=2 F_ROUND=6
illegal "tree must not round" linear_step B_ORDER=2 B_ROUND=6 ROWS=2
illegal "G_ON must be 1" linear_step G_ON=0 B_WIDTH=16 B_ORDER=1
illegal "of the same width" linear_step D_ON=0
illegal "at least 1" ram_sync W=0
illegal "in 1..1048576" dot_product MAX_LENGTH=0
illegal "in 2..32" dot_product A_WIDTH=33
illegal "in 1..8" dot_product $(code A_ e11m4)
illegal "at most 640 bits" dot_product ORDER=1 $(code A_ bf16) $(code B_ bf16) $(code "" bf16) RANGE=0 A_BIAS=500
illegal "in 1..32" dot_product RAND_BITS=33
illegal "0..6 (float) or 0..9 (fixed)" dot_product ROUND=10
illegal "0..2 (float) or 3..5 (fixed)" dot_product RANGE=0
illegal "0 or 1" $unit MOMENTUM=2
illegal "V_WIDTH must be in 2..16" $unit MOMENTUM=1 V_WIDTH=17
illegal "MU_WIDTH must be in 1..16" $unit MOMENTUM=1 MU_WIDTH=0
illegal "in 1..8 with momentum" $unit MOMENTUM=1 $(float e11m4 e4m3) V_EXP=11 V_FRAC=4 V_RANGE=0
illegal "U_WIDTH must hold g - c" dq_compress U_WIDTH=63
illegal "BITS must be in 1..U_WIDTH-2" dq_compress BITS=16
illegal "U_FRAC must be at least" dq_compress U_FRAC=16 U_WIDTH=40 G_FRAC=18
illegal "LENGTH must be in 1..1048576" xnor_dot LENGTH=0
illegal "WORD must be in 1..1024" xnor_dot WORD=1025
illegal "X_WIDTH must be in 1..32" sign_dot X_WIDTH=33
illegal "AVG_WIDTH must be in 2..32" polyak_average AVG_WIDTH=33
illegal "C_WIDTH must be in 1..16" polyak_average C_WIDTH=17
illegal "must be in 1..8" polyak_average $(code W_ e11m4)
illegal "1 + EXP + FRAC" dot_product $(code A_ e4m3) A_EXP=3
illegal "must be in 2..16" $unit W_WIDTH=17
illegal "must be 1 + its EXP" $unit $(float e4m3 e4m3) W_EXP=5
illegal "in 0..5" $unit $(float e4m3 e4m3) G_FAMILY=6
illegal "in 0..6" $unit $(float e4m3 e4m3) ROUND=7
illegal "in 3..5" $unit RANGE=2
illegal "in 1..16" $unit STEP_WIDTH=17
illegal "in 1..32" $unit RAND_BITS=33
illegal "in 2..32" $unit FUSED=0 P_WIDTH=33
illegal "in 0..10" fx_requantize ROUND=11
illegal "0..6 or 10" fp_round_pack ROUND=7
illegal "at least 0" stream_ranks RANKS=-1
illegal "at least 1" pipe_rank W=0
illegal "no finite value" $unit $(float e1m0 e4m3) W_FAMILY=1

# fp_add: each rank count, rounding, family; smallest, largest, illegal.
for n in 0 1 2 3 4 5; do
  legal fp_add STAGES=$n ROUND=$n RANGE=$((n % 3)) FAMILY=$n
  legal fp_add STAGES=$n LANES=2 EXP_W=5 FRAC_W=10 ROUND=10 RAND_BITS=11 SUBNORMALS=$((n % 2)) DAZ=$((n / 2 % 2))
done
legal fp_add EXP_W=1 FRAC_W=1 FAMILY=3 STAGES=5
legal fp_add EXP_W=1 FRAC_W=3
for n in 0 1 2 3 4 5; do
  legal fp_add TWO_PATH=1 STAGES=$n FAMILY=$n SUBNORMALS=$((n % 2)) DAZ=$((n / 2 % 2)) ROUND=$((n > 3 ? 10 : n)) RAND_BITS=$((1 + 4 * n))
done
legal fp_add TWO_PATH=1 EXP_W=5 FRAC_W=0
legal fp_add TWO_PATH=1 EXP_W=11 FRAC_W=23 ROUND=6 RAND_BITS=32 STAGES=5 LANES=2
illegal "TWO_PATH must be 0 or 1" fp_add TWO_PATH=2
legal fp_add EXP_W=5 FRAC_W=0 ROUND=10 SUBNORMALS=0
legal fp_add EXP_W=2 FRAC_W=1 FAMILY=3 ROUND=6
legal fp_add EXP_W=8 FRAC_W=23 ROUND=6 RAND_BITS=32 FAMILY=4
legal fp_add EXP_W=11 FRAC_W=23 ROUND=10 RAND_BITS=32 LANES=4 BIAS=-5
illegal "in 0..5" fp_add STAGES=6
illegal "in 0..23" fp_add FRAC_W=24
illegal "must be in 1..11" fp_add EXP_W=12
illegal "0..6 or 10" fp_add ROUND=8
illegal "in 0..2" fp_add RANGE=3
illegal "in 1..32" fp_add RAND_BITS=0
illegal "must be 0 or 1" fp_add DAZ=2
illegal "at least 1" fp_add LANES=0

# fx_add fx_mul fx_mac: usual, smallest, largest, fractions outside the width, illegal.
for unit in fx_add fx_mul fx_mac; do
  legal $unit
  legal $unit A_W=2 A_F=20 B_W=2 B_F=-3 W=2 F=0 RANGE=4 ROUND=5
  legal $unit A_W=2 A_F=0 B_W=2 B_F=0 W=2 F=1 STAGES=1 RANGE=5
  legal $unit LANES=2 STAGES=1 A_W=32 A_F=30 B_W=32 B_F=12 W=32 F=28 ROUND=10 RAND_BITS=32
  illegal "in 2..32" $unit W=33
  illegal "in 0..10" $unit ROUND=11
  illegal "in 3..5" $unit RANGE=2
done
for unit in fx_mul fx_mac; do
  legal $unit LANES=3 STAGES=2 A_W=12 B_W=2 ROUND=6 RAND_BITS=7
  illegal "in 0..2" $unit STAGES=3
done
illegal "in 0..1" fx_add STAGES=2

# fp_convert fp_to_fx fx_to_fp: usual, smallest, largest, to wider, to narrower, illegal.
smallest="EXP_W=1 FRAC_W=0 FAMILY=3" largest="EXP_W=11 FRAC_W=52 ROUND=10 RAND_BITS=32 STAGES=1 LANES=2"
legal fp_convert
legal fp_convert A_EXP_W=1 A_FRAC_W=0 A_FAMILY=3 $smallest
legal fp_convert A_EXP_W=11 A_FRAC_W=52 $largest
legal fp_convert A_EXP_W=4 A_FRAC_W=3 A_FAMILY=1 EXP_W=8 FRAC_W=23
legal fp_convert A_EXP_W=8 A_FRAC_W=23 A_DAZ=1 EXP_W=5 FRAC_W=10 SUBNORMALS=0 ROUND=6 RAND_BITS=13 STAGES=1
legal fp_to_fx
legal fp_to_fx A_EXP_W=1 A_FRAC_W=0 A_FAMILY=3 W=2 F=-40 ROUND=9 RANGE=4
legal fp_to_fx A_EXP_W=1 A_FRAC_W=0 A_FAMILY=3 W=2 F=40
legal fp_to_fx A_EXP_W=11 A_FRAC_W=52 W=32 F=16 ROUND=10 RAND_BITS=32 STAGES=1 LANES=2 RANGE=5
legal fx_to_fp
legal fx_to_fp A_W=2 A_F=200 $smallest
legal fx_to_fp A_W=32 A_F=-20 $largest
illegal "in 0..5" fp_convert A_FAMILY=6
illegal "0..6 or 10" fp_convert ROUND=8
illegal "no finite value" fp_convert EXP_W=1 FRAC_W=0
illegal "in 3..5" fp_to_fx RANGE=0
illegal "in 2..32" fp_to_fx W=1
illegal "in 2..32" fx_to_fp A_W=33
illegal "in 0..1" fx_to_fp STAGES=2

# fp_mul fp_fma fp_accumulate fp_product multiply leading_one: usual, smallest, largest, families, no fraction bits, illegal.
for u in fp_mul fp_fma; do
  legal $u
  legal $u EXP_W=1 FRAC_W=0 FAMILY=3 BIAS=0
  legal $u EXP_W=2 FRAC_W=1 FAMILY=2 BIAS=2 ROUND=6 STAGES=1 LANES=3
  legal $u EXP_W=5 FRAC_W=0 ROUND=5 RANGE=1
  legal $u FAMILY=5 BIAS=-20 SUBNORMALS=0 ROUND=3 STAGES=2 RANGE=2
  legal $u EXP_W=8 FRAC_W=7 SUBNORMALS=0 DAZ=1 STAGES=3
  legal $u EXP_W=8 FRAC_W=23 ROUND=10 RAND_BITS=32 STAGES=3
  legal $u EXP_W=11 FRAC_W=11 FAMILY=4 BIAS=1024 DSP=1
  illegal "no finite value" $u EXP_W=1 FRAC_W=0
  illegal "in 0..5" $u FAMILY=6
  illegal "in 0..23" $u FRAC_W=24
  illegal "0..6 or 10" $u ROUND=7
  illegal "in 1..32" $u RAND_BITS=33
  illegal "0 or 1" $u DAZ=2
done
for round in 0 1 2 3 4 5; do
  legal fp_mul SUBNORMALS=0 DAZ=1 ROUND=$round FAMILY=$round STAGES=$((round % 4)) FRAC_W=$((1 + round % 3)) RANGE=$((round % 3))
done
legal fp_mul SUBNORMALS=0 DAZ=1 EXP_W=11 FRAC_W=3 BIAS=1023 STAGES=3
legal fp_mul SUBNORMALS=0 DAZ=1 EXP_W=2 FRAC_W=1 BIAS=-20 FAMILY=3
legal fp_fma EXP_W=5 FRAC_W=10 STAGES=4
legal fp_fma EXP_W=5 FRAC_W=10 STAGES=5
illegal "in 0..3" fp_mul STAGES=4
illegal "in 0..5" fp_fma STAGES=6
legal fp_accumulate
legal fp_accumulate EXP_W=8 FRAC_W=23 P_EXP_W=6 P_OFFSET=114
legal fp_accumulate EXP_W=4 FRAC_W=3 P_EXP_W=9 P_W=16 P_OFFSET=-246 CUTS=15
legal fp_product A_EXP_W=8 A_FRAC_W=0 A_FAMILY=4 B_EXP_W=2 B_FRAC_W=23 B_DAZ=1
legal multiply A_W=1 B_W=1
legal multiply A_W=5 B_W=12
illegal "at least 1" multiply A_W=0
legal leading_one W=2 COUNT_W=1
legal leading_one W=24 COUNT_W=5

# fp_quantize_select: usual, smallest, largest, illegal.
legal fp_quantize_select
legal fp_quantize_select A_EXP_W=1 A_FRAC_W=0 A_FAMILY=3 MAX_EXP_W=2 MAX_FRAC_W=1 BIAS_W=2 RAND_BITS=1
legal fp_quantize_select LANES=2 STAGES=1 A_EXP_W=11 A_FRAC_W=52 MAX_EXP_W=11 MAX_FRAC_W=52 BIAS_W=14 RAND_BITS=32
illegal "in 1..52" fp_quantize_select MAX_FRAC_W=0
illegal "in 2..14" fp_quantize_select BIAS_W=15

# sgd_update_select: usual, smallest, largest, illegal.
legal sgd_update_select
legal sgd_update_select WIDTH=4 MAX_EXP_W=2 MAX_FRAC_W=1 BIAS_W=7 STEP_WIDTH=1 RAND_BITS=1 STAGES=2
legal sgd_update_select LANES=2 STAGES=3 WIDTH=30 MAX_EXP_W=11 MAX_FRAC_W=30 BIAS_W=14 STEP_WIDTH=16 RAND_BITS=32
illegal "in 4..30" sgd_update_select WIDTH=31
illegal "in 0..3" sgd_update_select STAGES=4

# The FuseSoC core names each module's file.
if ! diff <(ls ./*.v | sed 's|./||') <(sed -n 's/^ *- \(.*\.v\)$/\1/p' halfulp.core) > "$work/core"; then
  echo "FAIL halfulp.core does not name the .v files that are here (<) or names others (>)"; cat "$work/core"
  touch "$work/failed"
fi

wait
[ ! -e "$work/failed" ] || exit 1
echo "lint.sh: all parameter sets pass"
