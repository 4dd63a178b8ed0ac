// prelude.h: what every generated model includes, to be compiled once.
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <time.h>

#include "hooks.h"
#include "verilated.h"
#if VM_COVERAGE
#include "verilated_cov.h"
#endif
#if HALFULP_WAVEFORM
#include "verilated_vcd_c.h"
#endif
