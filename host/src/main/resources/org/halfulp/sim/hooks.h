// hooks.h: where Verilator's runtime prints.  Included before every Verilator file.
#ifndef HALFULP_HOOKS_H
#define HALFULP_HOOKS_H
__attribute__((visibility("hidden"), format(printf, 1, 2))) int halfulp_printf(
    const char* format, ...);
#define VL_PRINTF halfulp_printf
#define VL_USER_FINISH
#define VL_USER_STOP
#define VL_USER_FATAL
#define VL_USER_WARN
#endif
