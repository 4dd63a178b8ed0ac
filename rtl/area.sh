#!/usr/bin/env bash
# Area and speed of a unit with one register rank on every input and on every output:
#
#   rtl/area.sh [OPTION...] UNIT [PARAMETER=VALUE...]
#   rtl/area.sh fp_add EXP_W=5 FRAC_W=10
#   fp_add EXP_W=5 FRAC_W=10 | lc 330 mhz 27.41 | lut 281 carry 60 ff 53
#
#   -1         one nextpnr seed instead of the median of three
#   -0         no place and route: Yosys's counts alone
#   -abc9      synth_ice40 -abc9 -device hx instead of plain synth_ice40 (neither maps to DSPs)
#   -noflags   out_flags stays unconnected
#   -sub       in_sub is an input; otherwise it is 0
#   -stream    valid, ready and rst_n are ports; otherwise they are 1: the area of the datapath alone
#   -more      also Xilinx 7 LUTs / levels (synth_xilinx) and and-nodes / depth of the and-inverter graph (abc)
#   -tsv       only the figures: lc mhz lut carry ff xc7_lut xc7_levels aig_nodes aig_depth, '-' where not asked for
#   -versions  print the tools' versions and exit
#
# lc: logic cells that hold a LUT, a carry or a flip-flop, the two ranks included.  mhz: register to register.
# in_round is an input if ROUND=10, in_rand if ROUND is 6 or 10, otherwise they are 0.  Ports that configure (seed_*, cfg_*) come
# straight from pins.  Where the package has too few pins the input rank is a shift register and the output rank
# drives nothing; the cells are the same.
#
# iCE40 hx8k ct256.  Results are kept in ~/.cache/halfulp/area under a hash of the elaborated netlist, the options and the
# tools' versions.
# Exit: 0 measured, 1 a tool refused the unit, 2 usage, 3 a tool is missing.
set -u
rtl=$(cd "$(dirname "$0")" && pwd) || exit 3
YOSYS=${YOSYS:-yosys}
NEXTPNR=${NEXTPNR:-nextpnr-ice40}
seeds=(1 2 3) flow= flags=yes sub=no stream=no more=no tsv=no

usage() { echo "area.sh: $1; usage: rtl/area.sh [-0|-1] [-abc9] [-noflags] [-sub] [-stream] [-more] [-tsv] UNIT [PARAMETER=VALUE...]" >&2; exit 2; }
need() { command -v "$1" > /dev/null || { echo "area.sh: $1 not found; tools/setup.sh --area installs it" >&2; exit 3; }; }
versions() { "$YOSYS" -V; "$NEXTPNR" --version 2>&1; }

while [ $# -gt 0 ]; do
  case $1 in
    -0) seeds=() ;; -1) seeds=(1) ;;
    -abc9) flow='-abc9 -device hx' ;;
    -noflags) flags=no ;; -sub) sub=yes ;; -stream) stream=yes ;; -more) more=yes ;; -tsv) tsv=yes ;;
    -versions) need "$YOSYS"; need "$NEXTPNR"; versions; exit ;;
    -*) usage "unknown option $1" ;;
    *) break ;;
  esac
  shift
done
[ $# -gt 0 ] || usage 'no unit'
unit=$1; shift
[ -r "$rtl/$unit.v" ] || usage "no $rtl/$unit.v"
need "$YOSYS"
[ ${#seeds[@]} = 0 ] || need "$NEXTPNR"
name="$unit${*:+ $*}"

work=$(mktemp -d) || exit 3
trap 'rm -rf "$work"' EXIT
run() { # log command...
  local log=$1; shift
  "$@" > "$log" 2>&1 || { echo "area.sh: $name: ${1##*/} failed:" >&2; { grep ERROR "$log" || tail -8 "$log"; } >&2; exit 1; }
}

round=0
chparam=
instance=
for p in "$@"; do
  [[ $p == *=* ]] || usage "'$p' is not PARAMETER=VALUE"
  value=${p#*=}
  instance+=${instance:+, }.${p%%=*}\($value\)
  [[ $value == -* ]] && value=$(printf "32'h%08X" $((value & 0xFFFFFFFF)))
  chparam+=" -set ${p%%=*} $value"
  [ "${p%%=*}" = ROUND ] && round=$value
done

# The wrapper: the unit's ports, cut out of one input and one output word.
run "$work/ports" "$YOSYS" -Q -p "read_verilog $rtl/$unit.v; ${chparam:+chparam$chparam $unit;} hierarchy -check -libdir $rtl -top $unit; portlist"
in=0 out=0 direct=0
connections= pins=
while read -r direction range port; do
  width=${range#[}
  width=$((${width%%:*} + 1))
  case $direction:$port in
    input:clk) net=clk ;;
    input:rst_n | input:in_valid | input:out_ready)
      if [ $stream = yes ]; then net="d[$((in + width - 1)):$in]"; in=$((in + width)); else net="1'b1"; fi ;;
    output:in_ready | output:out_valid)
      if [ $stream = yes ]; then net="q[$((out + width - 1)):$out]"; out=$((out + width)); else net=; fi ;;
    output:out_flags)
      if [ $flags = yes ]; then net="q[$((out + width - 1)):$out]"; out=$((out + width)); else net=; fi ;;
    input:in_sub | input:in_round | input:in_rand)
      if [ "$port:$sub" = in_sub:yes ] || [ "$port:$round" = in_round:10 ] || [[ $port:$round == in_rand:@(6|10) ]]; then
        net="d[$((in + width - 1)):$in]"; in=$((in + width))
      else
        net="{$width{1'b0}}"
      fi ;;
    input:seed_* | input:cfg_*) net=$port; pins+=", input wire [$((width - 1)):0] $port"; direct=$((direct + width)) ;;
    input:*) net="d[$((in + width - 1)):$in]"; in=$((in + width)) ;;
    output:*) net="q[$((out + width - 1)):$out]"; out=$((out + width)) ;;
  esac
  connections+=${connections:+, }".$port($net)"
done < <(grep -E '^(input|output) ' "$work/ports")

if [ $((in + out + direct)) -le 200 ]; then
  from=', input wire [IN-1:0] in' to=', output wire [OUT-1:0] out' next='in' drive='assign out = q_q;' keep=
elif [ $direct -le 190 ]; then
  from=', input wire in' to='' next='{d[IN-2:0], in}' drive='' keep='(* keep *)'
else
  echo "area.sh: $name: $direct configuration pins, the package has 206" >&2; exit 1
fi
cat > "$work/wrapper.v" << END
module wrapper #(parameter IN = $in, OUT = $out) (input wire clk$from$to$pins);
  reg [IN-1:0] d;
  $keep reg [OUT-1:0] q_q;
  wire [OUT-1:0] q;
  always @(posedge clk) begin
    d <= $next;
    q_q <= q;
  end
  $drive
  $unit #($instance) u_unit ($connections);
endmodule
END
read="read_verilog $work/wrapper.v $rtl/$unit.v; hierarchy -check -libdir $rtl -top wrapper"

# Known already?  Line numbers and comments do not matter.
run "$work/log" "$YOSYS" -q -p "$read; proc; opt_clean; write_verilog -noattr $work/netlist.v"
key=$({ sed '/^\/\*/d' "$work/netlist.v" | tr -d '\\' | sed "s/\$paramod\$[0-9a-f]*//g"; echo "$flow ${seeds[*]} $more"; versions; } | sha256sum)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/halfulp/area
kept=$cache/${key%% *}
mkdir -p "$cache"

if [ ! -s "$kept" ]; then
  run "$work/synth" "$YOSYS" -p "$read; synth_ice40 $flow -top wrapper -json $work/wrapper.json; stat"
  # The last 'stat' is of the mapped netlist.
  counts=$(awk '/Number of cells:/ { l = c = f = 0 } $1 == "SB_LUT4" { l = $2 } $1 == "SB_CARRY" { c = $2 }
    $1 ~ /^SB_DFF/ { f += $2 } END { print l + 0, c + 0, f + 0 }' "$work/synth")
  lc=- mhz=-
  if [ ${#seeds[@]} -gt 0 ]; then
    for seed in "${seeds[@]}"; do
      run "$work/pnr" "$NEXTPNR" -q --hx8k --package ct256 --pcf-allow-unconstrained --timing-allow-fail --freq 1 --seed "$seed" \
        --json "$work/wrapper.json" --report "$work/report.$seed"
      { tr -d ' \n' < "$work/report.$seed"; echo; } | sed -n 's/.*"achieved":\([0-9.]*\).*"ICESTORM_LC":{"available":[0-9]*,"used":\([0-9]*\).*/\1 \2/p'
    done | sort -n > "$work/seeds"
    read -r mhz lc < <(awk '{ m[NR] = $1; l[NR] = $2 } END { i = int((NR + 1) / 2); print m[i], l[i] }' "$work/seeds")
    [ -n "$lc" ] || { echo "area.sh: $name: nextpnr's report has no figures" >&2; exit 1; }
    mhz=$(printf %.1f "$mhz")
  fi
  xc7='- -' aig='- -'
  if [ $more = yes ]; then
    run "$work/xc7" "$YOSYS" -p "$read; synth_xilinx -family xc7 -flatten -noiopad -nodsp -top wrapper; stat; ltp -noff"
    xc7=$(awk '/Number of cells:/ { l = 0 } $1 ~ /^LUT[1-6]$/ { l += $2 } /Longest topological path/ { sub(/.*length=/, ""); d = $0 + 0 }
      END { print l, d }' "$work/xc7")
    run "$work/aig" "$YOSYS" -p "$read; flatten; synth -run begin:fine; opt -full; techmap; opt; dffunmap; opt; simplemap; abc \
      -script +strash;ifraig;scorr;dc2;dc2;balance;rewrite;refactor;balance;rewrite;rewrite,-z;balance;refactor,-z;rewrite,-z;balance;dc2;print_stats"
    aig=$(sed -n 's/.*and = *\([0-9]*\) .*lev = *\([0-9]*\).*/\1 \2/p' "$work/aig" | tail -1)
    [ -n "$aig" ] || aig='- -'
  fi
  echo "$lc $mhz $counts $xc7 $aig" > "$work/kept" && mv "$work/kept" "$kept"
fi
read -r lc mhz lut carry ff xc7_lut xc7_levels aig_nodes aig_depth < "$kept"
if [ $tsv = yes ]; then
  tr ' ' '\t' < "$kept"
else
  line="$name${flow:+ (abc9)} |"
  [ $lc = - ] || line+=" lc $lc mhz $mhz |"
  line+=" lut $lut carry $carry ff $ff"
  [ $more = no ] || line+=" | xc7 $xc7_lut lut $xc7_levels levels | aig $aig_nodes nodes depth $aig_depth"
  echo "$line"
fi
