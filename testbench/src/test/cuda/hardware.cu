// Conversions and arithmetic of an NVIDIA GPU (compute capability 9.0), one PTX instruction each,
// as a second opinion on the emulator: org.halfulp.hardware.HardwareCheck calls this by JNA.
// The operands of result i follow from i alone; Operands.java has the same rules.
#include <cstdint>
#include <cstdio>
#include <cuda_fp4.h>
#include <cuda_fp6.h>

namespace {

__device__ uint64_t mix(uint64_t x) {
  x += 0x9E3779B97F4A7C15ull;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ull;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBull;
  return x ^ (x >> 31);
}

// code with its exponent field moved to e + delta - 32, kept in [0, top]; delta has 6 bits
__device__ uint32_t near(uint32_t code, int e, uint32_t delta, int frac, int top) {
  int moved = e + static_cast<int>(delta) - 32;
  moved = moved < 0 ? 0 : moved > top ? top : moved;
  return (code & ~(static_cast<uint32_t>(top) << frac)) | static_cast<uint32_t>(moved) << frac;
}

struct Triple {
  uint32_t a, b, c;
};

// random bits; of half the triples, c (of sums: b) has an exponent near the product's (a's)
__device__ Triple triple(uint32_t i, int exponent, int frac, bool sum) {
  uint64_t u = mix(2ull * i);
  uint64_t v = mix(2ull * i + 1);
  uint32_t mask = static_cast<uint32_t>((1ull << (1 + exponent + frac)) - 1);
  int top = (1 << exponent) - 1;
  int bias = top >> 1;
  Triple t = {static_cast<uint32_t>(u) & mask, static_cast<uint32_t>(u >> 32) & mask,
              static_cast<uint32_t>(v) & mask};
  uint32_t delta = static_cast<uint32_t>(v >> 40) & 63;
  if (v >> 63) {
    int ea = static_cast<int>(t.a >> frac) & top;
    int eb = static_cast<int>(t.b >> frac) & top;
    if (sum) {
      t.b = near(t.b, ea, delta, frac, top);
    } else {
      t.c = near(t.c, ea + eb - bias, delta, frac, top);
    }
  }
  return t;
}

#define FROM_FLOAT(NAME, OUT, CONSTRAINT, PTX)                          \
  struct NAME {                                                         \
    using Out = OUT;                                                    \
    static __device__ Out of(uint32_t i) {                              \
      OUT y;                                                            \
      asm(PTX " %0, %1;" : CONSTRAINT(y) : "f"(__uint_as_float(i)));    \
      return y;                                                         \
    }                                                                   \
  };

#define FROM_FLOAT_TO_8(NAME, PTX)                                      \
  struct NAME {                                                         \
    using Out = uint8_t;                                                \
    static __device__ Out of(uint32_t i) {                              \
      uint16_t y;                                                       \
      float x = __uint_as_float(i);                                     \
      asm(PTX " %0, %1, %2;" : "=h"(y) : "f"(x), "f"(x));               \
      return static_cast<uint8_t>(y);                                   \
    }                                                                   \
  };

#define PAIRS(NAME, PTX)                                                \
  struct NAME {                                                         \
    using Out = uint16_t;                                               \
    static __device__ Out of(uint32_t i) {                              \
      uint16_t y;                                                       \
      uint16_t a = static_cast<uint16_t>(i >> 16);                      \
      uint16_t b = static_cast<uint16_t>(i);                            \
      asm(PTX " %0, %1, %2;" : "=h"(y) : "h"(a), "h"(b));               \
      return y;                                                         \
    }                                                                   \
  };

#define TRIPLES_16(NAME, EXPONENT, FRAC, PTX)                           \
  struct NAME {                                                         \
    using Out = uint16_t;                                               \
    static __device__ Out of(uint32_t i) {                              \
      Triple t = triple(i, EXPONENT, FRAC, false);                      \
      uint16_t y;                                                       \
      uint16_t a = static_cast<uint16_t>(t.a);                          \
      uint16_t b = static_cast<uint16_t>(t.b);                          \
      uint16_t c = static_cast<uint16_t>(t.c);                          \
      asm(PTX " %0, %1, %2, %3;" : "=h"(y) : "h"(a), "h"(b), "h"(c));   \
      return y;                                                         \
    }                                                                   \
  };

#define FLOATS_2(NAME, SUM, PTX)                                        \
  struct NAME {                                                         \
    using Out = uint32_t;                                               \
    static __device__ Out of(uint32_t i) {                              \
      Triple t = triple(i, 8, 23, SUM);                                 \
      float y;                                                          \
      asm(PTX " %0, %1, %2;"                                            \
          : "=f"(y)                                                     \
          : "f"(__uint_as_float(t.a)), "f"(__uint_as_float(t.b)));      \
      return __float_as_uint(y);                                        \
    }                                                                   \
  };

#define FLOATS_3(NAME, PTX)                                             \
  struct NAME {                                                         \
    using Out = uint32_t;                                               \
    static __device__ Out of(uint32_t i) {                              \
      Triple t = triple(i, 8, 23, false);                               \
      float y;                                                          \
      asm(PTX " %0, %1, %2, %3;"                                        \
          : "=f"(y)                                                     \
          : "f"(__uint_as_float(t.a)), "f"(__uint_as_float(t.b)),       \
            "f"(__uint_as_float(t.c)));                                 \
      return __float_as_uint(y);                                        \
    }                                                                   \
  };

// not an instruction of this GPU: its vendor's library
#define FROM_FLOAT_BY_LIBRARY(NAME, CALL)                               \
  struct NAME {                                                         \
    using Out = uint8_t;                                                \
    static __device__ Out of(uint32_t i) {                              \
      float x = __uint_as_float(i);                                     \
      return static_cast<uint8_t>(CALL);                                \
    }                                                                   \
  };

FROM_FLOAT_TO_8(E4m3, "cvt.rn.satfinite.e4m3x2.f32")
FROM_FLOAT_TO_8(E5m2, "cvt.rn.satfinite.e5m2x2.f32")
FROM_FLOAT(HalfRn, uint16_t, "=h", "cvt.rn.f16.f32")
FROM_FLOAT(HalfRz, uint16_t, "=h", "cvt.rz.f16.f32")
FROM_FLOAT(HalfRm, uint16_t, "=h", "cvt.rm.f16.f32")
FROM_FLOAT(HalfRp, uint16_t, "=h", "cvt.rp.f16.f32")
FROM_FLOAT(Bf16Rn, uint16_t, "=h", "cvt.rn.bf16.f32")
FROM_FLOAT(Bf16Rz, uint16_t, "=h", "cvt.rz.bf16.f32")
FROM_FLOAT(Tf32Rn, uint32_t, "=r", "cvt.rn.tf32.f32")
FROM_FLOAT(Tf32Rz, uint32_t, "=r", "cvt.rz.tf32.f32")
FROM_FLOAT(Tf32Rna, uint32_t, "=r", "cvt.rna.tf32.f32")
FROM_FLOAT_BY_LIBRARY(E2m1, __nv_cvt_float_to_fp4(x, __NV_E2M1, cudaRoundNearest))
FROM_FLOAT_BY_LIBRARY(E2m3, __nv_cvt_float_to_fp6(x, __NV_E2M3, cudaRoundNearest))
FROM_FLOAT_BY_LIBRARY(E3m2, __nv_cvt_float_to_fp6(x, __NV_E3M2, cudaRoundNearest))
PAIRS(HalfAdd, "add.rn.f16")
PAIRS(HalfMul, "mul.rn.f16")
PAIRS(Bf16Add, "add.rn.bf16")
PAIRS(Bf16Mul, "mul.rn.bf16")
TRIPLES_16(HalfFma, 5, 10, "fma.rn.f16")
TRIPLES_16(Bf16Fma, 8, 7, "fma.rn.bf16")
FLOATS_2(AddRn, true, "add.rn.f32")
FLOATS_2(AddRz, true, "add.rz.f32")
FLOATS_2(AddRm, true, "add.rm.f32")
FLOATS_2(AddRp, true, "add.rp.f32")
FLOATS_2(MulRn, false, "mul.rn.f32")
FLOATS_2(MulRz, false, "mul.rz.f32")
FLOATS_2(MulRm, false, "mul.rm.f32")
FLOATS_2(MulRp, false, "mul.rp.f32")
FLOATS_3(FmaRn, "fma.rn.f32")
FLOATS_3(FmaRz, "fma.rz.f32")
FLOATS_3(FmaRm, "fma.rm.f32")
FLOATS_3(FmaRp, "fma.rp.f32")

template <class F>
__global__ void each(uint32_t first, uint32_t n, typename F::Out *out) {
  uint32_t k = blockIdx.x * blockDim.x + threadIdx.x;
  if (k < n) {
    out[k] = F::of(first + k);
  }
}

template <class F>
int fill(uint32_t first, uint32_t n, void *out) {
  typename F::Out *there = nullptr;
  size_t bytes = n * sizeof(typename F::Out);
  cudaError_t e = cudaMalloc(&there, bytes);
  if (e == cudaSuccess) {
    each<F><<<(n + 255) / 256, 256>>>(first, n, there);
    e = cudaGetLastError();
    if (e == cudaSuccess) {
      e = cudaMemcpy(out, there, bytes, cudaMemcpyDeviceToHost);
    }
    cudaFree(there);
  }
  return e;
}

using Fill = int (*)(uint32_t, uint32_t, void *);

// in the order of HardwareCheck.CASES
const Fill FILLS[] = {
    fill<E4m3>,    fill<E5m2>,    fill<HalfRn>,  fill<HalfRz>,  fill<HalfRm>,  fill<HalfRp>,
    fill<Bf16Rn>,  fill<Bf16Rz>,  fill<Tf32Rn>,  fill<Tf32Rz>,  fill<Tf32Rna>, fill<E2m1>,
    fill<E2m3>,    fill<E3m2>,    fill<HalfAdd>, fill<HalfMul>, fill<Bf16Add>, fill<Bf16Mul>,
    fill<HalfFma>, fill<Bf16Fma>, fill<AddRn>,   fill<AddRz>,   fill<AddRm>,   fill<AddRp>,
    fill<MulRn>,   fill<MulRz>,   fill<MulRm>,   fill<MulRp>,   fill<FmaRn>,   fill<FmaRz>,
    fill<FmaRm>,   fill<FmaRp>};

}  // namespace

// Results first .. first + n - 1 of the case; 0, or a cudaError.
extern "C" int hardware_fill(int number, uint32_t first, uint32_t n, void *out) {
  return FILLS[number](first, n, out);
}

extern "C" int hardware_cases() { return sizeof FILLS / sizeof *FILLS; }

// What this is: "NVIDIA H100, 9.0, CUDA 13.0".
extern "C" int hardware_name(char *out, int size) {
  cudaDeviceProp p;
  cudaError_t e = cudaGetDeviceProperties(&p, 0);
  if (e == cudaSuccess) {
    snprintf(out, size, "%s, compute capability %d.%d, CUDA %d.%d", p.name, p.major, p.minor,
             CUDART_VERSION / 1000, CUDART_VERSION % 1000 / 10);
  }
  return e;
}

extern "C" const char *hardware_error(int error) {
  return cudaGetErrorString(static_cast<cudaError_t>(error));
}
