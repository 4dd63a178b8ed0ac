#!/usr/bin/env bash
# Proves fp_round_pack_props.v and dq_compress_props.v over small parameter sets with Yosys' SAT solver, streams by induction, and plants an error in each
# module and checks that its proof fails.  Exit: 0 all proved, 1 a proof failed, 3 Yosys is missing.
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
  planted "$1" "$2" prove "RTL/*.v" "${@:3}"
}

# Of what goes into free ranks: the beat that comes out after so many.
beats() { # files ranks top parameters...
  local files=$1 ranks=$2 top=$3 set=; shift 3
  for p in "$@"; do set+=" -chparam ${p%%=*} ${p#*=}"; done
  "$YOSYS" -q -p "read_verilog -formal $files formal/$top.v; hierarchy -check -top $top$set; proc; flatten; opt;
    sat -verify -prove-asserts -set-assumes -seq $((ranks + 1)) -prove-skip $ranks -show-inputs" > "$log" 2>&1
}

check_beats() { # ranks top parameters...
  if ! beats "*.v" "$@"; then
    { echo "FAIL $*"; tail -30 "$log"; } > "$log.text"; cat "$log.text"
    return 1
  fi
  echo "OK   ${*:2}, $1 ranks"
}

# ABC finds the invariant (property directed reachability) from registers that are all 0.
reaches() { # files top parameters...
  local files=$1 top=$2 set=; shift 2
  for p in "$@"; do set+=" -chparam ${p%%=*} ${p#*=}"; done
  "$YOSYS" -q -p "read_verilog -formal $files formal/$top.v; hierarchy -check -top $top$set; proc; flatten; memory; opt_clean;
    setundef -undriven -anyseq; opt; dffunmap; simplemap; dfflegalize -cell \$_DFF_P_ 0; setundef -init -zero; opt_clean; techmap;
    aigmap; opt_clean; write_aiger -zinit -B $log.aig" > "$log" 2>&1 || return 1
  "$YOSYS-abc" -c "read $log.aig; fold; scorr; pdr" > "$log" 2>&1
  rm -f "$log.aig"
  grep -q 'asserted in frame' "$log" && echo 'proof did fail' >> "$log"
  grep -q '^Property proved' "$log"
}

check_reaches() { # top parameters...
  if ! reaches "*.v" "$@"; then
    { echo "FAIL $*"; tail -30 "$log"; } > "$log.text"; cat "$log.text"
    return 1
  fi
  echo "OK   $*"
}

# The wire is the register that says which ranks are valid.
stream() { # files top ranks wire [macros [STABLE]]
  local files=$1 top=$2 ranks=$3 link= set; shift 2
  ((ranks > 0)) && link="connect -set valid \\$2;"
  set=$(printf "32'h%08X" $((ranks & 0xFFFFFFFF)))
  [ $# -gt 3 ] && set+=" -set STABLE ${4#STABLE=}"
  "$YOSYS" -q -p "read_verilog -formal ${3:-} $files formal/$top.v; chparam -set RANKS $set $top;
    hierarchy -check -top $top; proc; flatten; memory; opt_clean; $link setundef -undriven -anyseq; opt;
    sat -verify -prove-asserts -set-assumes -tempinduct -maxsteps 6 -show-inputs" > "$log" 2>&1
}

check_stream() { # name files top ranks wire [macros [STABLE]]
  local name=$1; shift
  if ! stream "$@"; then
    { echo "FAIL $name"; tail -30 "$log"; } > "$log.text"; cat "$log.text"
    return 1
  fi
  echo "OK   $name, a stream of $3 ranks"
}

unit() { # unit ranks output width parameters [STABLE]
  pool check_stream "$1 $5" "*.v" stream_unit_props "$2" u_dut.u_ranks.g_ranks.valid_q "-D UNIT=$1 -D OUT=$3 -D W=$4 -D SET=#($5)" "${@:6}"
}

planted() { # file sed-expression command with RTL as the folder...
  local file=$1 edit=$2 rtl=$log.rtl; shift 2
  mkdir "$rtl" && cp ./*.v "$rtl" && sed -i "$edit" "$rtl/$file"
  if cmp -s "$file" "$rtl/$file"; then
    echo "FAIL the planted error '$edit' does not apply"
  elif "${@/RTL/$rtl}"; then
    echo "FAIL not caught: $edit in $file"
  elif ! grep -q 'proof did fail' "$log"; then
    { echo "FAIL no counterexample: $edit in $file"; tail -5 "$log"; } > "$log.text"; cat "$log.text"
  else
    echo "OK   planted error caught: $file $edit"
    return 0
  fi
  return 1
}

for round in 0 1 2 3 4 5 6 10; do
  for family in 0 1 2 3 4; do
    holds fp_round_pack_props ROUND=$round FAMILY=$family RANGE=$(((round + family) % 3)) SUBNORMALS=$((family % 2))
    holds fp_round_pack_props ROUND=$round FAMILY=$family RANGE=$(((round + family + 1) % 3)) SUBNORMALS=$(((family + 1) % 2))
  done
  holds fp_round_pack_props ROUND=$round FAMILY=0 FRAC_W=0
  holds fp_round_pack_props ROUND=$round FAMILY=3 EXP_W=1 FRAC_W=3 RANGE=2
  holds fp_round_pack_props ROUND=$round FAMILY=0 EXP_W=1 FRAC_W=3 RANGE=$((round % 3))
done

caught fp_round.v 's/under | is_odd;/1;/' fp_round_pack_props ROUND=0
caught fp_round.v "s/: ROUND\\[3:0\\]/: 4'd0/" fp_round_pack_props ROUND=1
caught fp_round.v 's/(&win\[WIN_W-2:LOST_W\]) & up/up/' fp_round_pack_props ROUND=0
caught fp_round.v 's/ & ~(too_large & EXP_W == 1 & FAMILY == 0)//' fp_round_pack_props ROUND=1 FAMILY=0 EXP_W=1 FRAC_W=3 RANGE=1
caught fp_round.v 's/cut_sticky | shifted_sticky/cut_sticky/' fp_round_pack_props ROUND=3

dq="MOMENTUM=1 U_WIDTH=9 U_FRAC=4"
for bits in 1 2 3; do pool check_beats 2 dq_compress_props BITS=$bits; done
pool check_beats 2 dq_compress_props BITS=3 G_WIDTH=6 G_FRAC=1 E_WIDTH=5 E_FRAC=3 U_WIDTH=9 U_FRAC=3
pool check_beats 2 dq_compress_props BITS=4 G_WIDTH=8 G_FRAC=4 E_WIDTH=8 E_FRAC=4 U_WIDTH=9 U_FRAC=4 SHIFT_WIDTH=4
pool check_beats 3 dq_compress_props BITS=1 $dq
pool planted dq_compress.v 's/(above & ~edge_of_range)/above/' beats "RTL/*.v" 2 dq_compress_props
pool planted dq_compress.v 's/ & ~(|below_cell);/;/' beats "RTL/*.v" 2 dq_compress_props
pool planted dq_compress.v 's/(asked > MAX_SHIFT) ? MAX_SHIFT : asked/asked/' beats "RTL/*.v" 2 dq_compress_props
pool planted dq_expand.v "s/, 1'b1}/, 1'b0}/" beats "RTL/*.v" 2 dq_compress_props
pool planted dq_compress.v 's/{e\[E_WIDTH-1\], e} - {last/{e[E_WIDTH-1], e} + {last/' beats "RTL/*.v" 3 dq_compress_props $dq

# Streams, by induction.  The formats are the smallest: a handshake does not know the data.
tiny=.EXP_W\(2\),.FRAC_W\(1\)
fx=.A_W\(2\),.A_F\(0\),.B_W\(2\),.B_F\(0\),.W\(2\),.F\(0\)
for n in 1 2 3 4 5 9; do pool check_stream stream_ranks "*.v" stream_props $n u_dut.g_ranks.valid_q; done
for n in 0 1 2 3 4 5; do
  unit fp_add $n out_y 4 .STAGES\($n\),$tiny
  unit fp_fma $n out_y 4 .STAGES\($n\),$tiny
done
for n in 0 1 2 3; do
  unit fp_mul $n out_y 4 .STAGES\($n\),$tiny
  unit sgd_update_select $n out_w 4 .STAGES\($n\),.WIDTH\(4\),.MAX_EXP_W\(2\),.MAX_FRAC_W\(1\),.BIAS_W\(7\),.STEP_WIDTH\(1\) STABLE=0
done
for n in 0 1 2; do
  unit fx_mul $n out_y 2 .STAGES\($n\),$fx
  unit fx_mac -1 out_y 2 .STAGES\($n\),$fx
done
for n in 0 1; do
  unit fx_add $n out_y 2 .STAGES\($n\),$fx
  unit fp_convert $n out_y 4 .STAGES\($n\),$tiny,.A_EXP_W\(2\),.A_FRAC_W\(2\)
  unit fp_to_fx $n out_y 2 .STAGES\($n\),.W\(2\),.F\(0\),.A_EXP_W\(2\),.A_FRAC_W\(1\)
  unit fx_to_fp $n out_y 4 .STAGES\($n\),.A_W\(3\),.A_F\(0\),$tiny
  unit fp_quantize_select $n out_y 4 .STAGES\($n\),.A_EXP_W\(2\),.A_FRAC_W\(1\),.MAX_EXP_W\(2\),.MAX_FRAC_W\(1\),.BIAS_W\(2\) STABLE=0
done
pool check_reaches linear_step_props
pool check_reaches linear_step_props ROWS=1 F_ORDER=1
unit polyak_average 3 out_avg 4 .LANES\(1\),.W_WIDTH\(4\),.AVG_WIDTH\(4\),.C_WIDTH\(2\)
unit dq_compress 2 out_e 5 .LANES\(1\),.G_WIDTH\(4\),.G_FRAC\(2\),.E_WIDTH\(4\),.E_FRAC\(2\),.BITS\(2\),.U_WIDTH\(5\),.U_FRAC\(2\)
unit dq_compress 3 out_e 9 .LANES\(1\),.G_WIDTH\(4\),.G_FRAC\(2\),.E_WIDTH\(4\),.E_FRAC\(2\),.MOMENTUM\(1\),.GAM_WIDTH\(2\),.GAM_FRAC\(2\),.U_WIDTH\(9\),.U_FRAC\(4\)
unit sgd_update 2 out_w 4 .LANES\(1\),.W_WIDTH\(4\),.G_WIDTH\(4\)
unit sgd_update 3 out_w 4 .LANES\(1\),.W_WIDTH\(4\),.G_WIDTH\(4\),.FUSED\(0\),.P_WIDTH\(4\)
for order in 0 1 2; do
  unit dot_product -1 out_y 4 .ORDER\($order\),.LANES\(2\),.WIDTH\(4\),.A_WIDTH\(4\),.B_WIDTH\(4\),.MAX_LENGTH\(4\)
done
pool planted stream_ranks.v "s/ | (~moves & valid_q)//" stream "RTL/*.v" stream_props 3 u_dut.g_ranks.valid_q
pool planted stream_ranks.v "s/move     = move | ~valid_q.k./move = 1/" stream "RTL/*.v" stream_props 3 u_dut.g_ranks.valid_q
pool planted pipe_rank.v "s/if (enable) data_q/data_q/" stream "RTL/*.v" stream_props 3 u_dut.g_ranks.valid_q
pool planted pipe_rank.v "s/if (enable) data_q/data_q/" stream "RTL/*.v" stream_unit_props 2 u_dut.u_ranks.g_ranks.valid_q \
  "-D UNIT=fp_add -D OUT=out_y -D W=4 -D SET=#(.STAGES(2),$tiny)"
pool planted dot_product.v "s/enable_sum = ~done_q . out_ready/enable_sum = 1/" stream "RTL/*.v" stream_unit_props -1 - \
  "-D UNIT=dot_product -D OUT=out_y -D W=4 -D SET=#(.ORDER(1),.LANES(1),.WIDTH(4),.A_WIDTH(4),.B_WIDTH(4))"
pool planted linear_step.v "s/may_enter = state_q == FORWARD \&\& /may_enter = /" reaches "RTL/*.v" linear_step_props
pool planted linear_step.v "s/out_last = write_beat_q/out_last = gradient_beat_q/" reaches "RTL/*.v" linear_step_props

wait
[ ! -e "$work/failed" ] || exit 1
echo "prove.sh: all proofs hold"
