// model.cpp: one Verilated top behind halfulp_api, with the beat loop of a ready/valid stream.
//
// Compiled in one translation unit after the generated sources.  model.inc, written by ModelCache
// from the generated header and the wiring, defines
//
//   HALFULP_TOP                   the generated class
//   HALFULP_CLOCKED, _STREAM, _PIPELINE  1 or 0: has a clock; ready/valid ports; a fixed latency
//   HALFULP_CLOCK                 the clock's member
//   HALFULP_EDGE                  1: rootp->halfulp_edge skips the logic between inputs and registers
//   HALFULP_HANDSHAKES            number of valid/ready pairs of the operands
//   HALFULP_VALIDS(X), _READYS(X) X(pair, member) for each that exists
//   HALFULP_ALWAYS_READY          the pairs without ready, a bit each
//   HALFULP_HAS_OUT_VALID, _HAS_OUT_READY, HALFULP_OUT_VALID, _OUT_READY  the members
//   HALFULP_OUT_VALID_NAME        as messages call it
//   HALFULP_LATENCY, _INTERVAL    of a pipeline: cycles; cycles from operand to operand
//   HALFULP_OUTSTANDING           most beats accepted and not returned; 0: no limit
//   HALFULP_IN_WORDS, _OUT_WORDS  64-bit words of a stimulus and a response row
//   HALFULP_INPUTS(X)             X(port number, name, width) for every input
//   HALFULP_OUTPUTS(X)            likewise for every output
//   HALFULP_STIMULUS(X)           X(name, width, first word) for the ports of a stimulus row
//   HALFULP_RESPONSE(X)           likewise for a response row
#include <time.h>

#include <cstdio>
#include <cstring>

#include "instance.h"

namespace {

struct Model final : Instance {
  HALFULP_TOP top;
  explicit Model(uint64_t seed);
  // The waveform holds on to the top, which is destroyed first.
  ~Model() override {
#if HALFULP_WAVEFORM
    close_wave();
#endif
  }
};

// ---- Port values: a scalar of 8 to 64 bits or words of 32, always without bits above width.

constexpr uint64_t mask(int width) { return width >= 64 ? ~0ULL : (1ULL << width) - 1; }

template <typename T>
inline void put(T& port, const uint64_t* words, int width) {
  port = static_cast<T>(words[0] & mask(width));
}

template <std::size_t N>
inline void put(VlWide<N>& port, const uint64_t* words, int width) {
  for (std::size_t i = 0; i < N; ++i) port[i] = static_cast<EData>(words[i / 2] >> (i % 2 * 32));
  if (width % 32) port[N - 1] &= static_cast<EData>(mask(width % 32));
}

template <typename T>
inline void get(const T& port, uint64_t* words) {
  words[0] = port;
}

template <std::size_t N>
inline void get(const VlWide<N>& port, uint64_t* words) {
  for (std::size_t i = 0; i < N; i += 2) {
    words[i / 2] = port[i] | (i + 1 < N ? static_cast<uint64_t>(port[i + 1]) << 32 : 0);
  }
}

inline void put_row(HALFULP_TOP& top, const uint64_t* row) {
#define X(name, width, word) put(top.name, row + (word), width);
  HALFULP_STIMULUS(X)
#undef X
}

inline void get_row(const HALFULP_TOP& top, uint64_t* row) {
#define X(name, width, word) get(top.name, row + (word));
  HALFULP_RESPONSE(X)
#undef X
}

// ---- Time

inline void evaluate(Model* dut) {
  dut->top.eval();
#if HALFULP_WAVEFORM
  if (dut->wave) dut->wave->dump(dut->context.time());
#endif
  dut->context.timeInc(1);
}

#if HALFULP_CLOCKED
inline void low(Model* dut) {
  dut->top.HALFULP_CLOCK = 0;
  evaluate(dut);
}

// After low(), with no other input changed.
inline void high(Model* dut) {
  dut->top.HALFULP_CLOCK = 1;
#if HALFULP_EDGE
  dut->top.rootp->halfulp_edge = true;
#endif
  evaluate(dut);
#if HALFULP_EDGE
  dut->top.rootp->halfulp_edge = false;
#endif
  ++dut->cycle;
}
#endif

#if HALFULP_STREAM || HALFULP_PIPELINE
inline void offer(HALFULP_TOP& top, unsigned pairs) {
#define X(pair, name) top.name = pairs >> (pair) & 1;
  HALFULP_VALIDS(X)
#undef X
}
#endif

#if HALFULP_STREAM

constexpr unsigned EVERY_PAIR = (1U << HALFULP_HANDSHAKES) - 1;

// The pairs that accept what they are offered.
inline unsigned ready_pairs(const HALFULP_TOP& top) {
  unsigned pairs = HALFULP_ALWAYS_READY;
#define X(pair, name) pairs |= static_cast<unsigned>(top.name) << (pair);
  HALFULP_READYS(X)
#undef X
  return pairs;
}

// SplitMix64 (Steele, Lea, Flood 2014): one draw a cycle, so that a pattern depends on the seed
// and the cycle alone.
struct Draws {
  uint64_t state;
  uint64_t next() {
    uint64_t z = (state += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }
};

inline bool below(uint32_t draw, int percent) {
  return (static_cast<uint64_t>(draw) * 100 >> 32) < static_cast<uint64_t>(percent);
}

// Returns the first port whose value differs between two rows, or null.
const char* changed(const uint64_t* held, const uint64_t* now) {
#define X(name, width, word) \
  if (std::memcmp(held + (word), now + (word), ((width) + 63) / 64 * 8) != 0) return #name;
  HALFULP_RESPONSE(X)
#undef X
  return nullptr;
}

// Inputs change with the falling edge; a handshake is read just before the rising edge, when
// combinational paths from out_ready to in_ready have settled.
template <bool STALLED>
void stream(Model* dut, const uint64_t* stimulus, uint64_t* response, int64_t sent, int64_t wanted,
            int64_t repeat, int in_stall, int out_stall, uint64_t seed, int64_t patience,
            halfulp_counts& counts) {
  HALFULP_TOP& top = dut->top;
  Draws draws{seed};
  uint64_t held[HALFULP_OUT_WORDS + 1];
  uint64_t now[HALFULP_OUT_WORDS + 1];
  uint64_t noise[HALFULP_IN_WORDS + 1];
  bool holding = false;  // a word was refused in the last cycle
  unsigned pending = 0;  // the pairs whose valid is high; each stays until it is accepted
  const uint64_t* row = stimulus;
  const uint64_t* const wrap = repeat ? stimulus + repeat * HALFULP_IN_WORDS : nullptr;
  int64_t accepted = 0, returned = 0, cycles = 0, moved = 0, first_in = 0, latency = 0;
  auto report = [&] {
    counts.cycles = cycles;
    counts.accepted = accepted;
    counts.returned = returned;
  };
  auto broken = [&](Broken how, const char* port) {
    report();
    dut->fail_broken(how, port, counts, patience);
  };

  auto room = [&] {
    return accepted < sent && (!HALFULP_OUTSTANDING || accepted - returned < HALFULP_OUTSTANDING);
  };

  offer(top, 0);
#if HALFULP_HAS_OUT_READY
  top.HALFULP_OUT_READY = 0;
#endif
  low(dut);  // a unit at rest offers nothing
  if (top.HALFULP_OUT_VALID && dut->state == HALFULP_OPEN) {
    broken(Broken::SURPLUS, HALFULP_OUT_VALID_NAME);
    return;
  }
  while ((returned < wanted || accepted < sent) && dut->state == HALFULP_OPEN) {
    bool ready = true;
    if (STALLED) {
      const uint64_t draw = draws.next();
      ready = !HALFULP_HAS_OUT_READY || !below(static_cast<uint32_t>(draw >> 32), out_stall);
      if (!pending) {
        if (room() && !below(static_cast<uint32_t>(draw), in_stall)) {
          pending = EVERY_PAIR;
          put_row(top, row);
        } else {  // an idle cycle carries noise, on which nothing may depend
          for (int i = 0; i < HALFULP_IN_WORDS; ++i) noise[i] = draw ^ (draw << (i + 7));
          put_row(top, noise);
        }
      }
    } else if (!pending && room()) {
      pending = EVERY_PAIR;
      put_row(top, row);
    }
    offer(top, pending);
#if HALFULP_HAS_OUT_READY
    top.HALFULP_OUT_READY = ready;
#endif
    low(dut);
    const bool offering = pending != 0;
    pending &= ~ready_pairs(top);
    const bool valid = top.HALFULP_OUT_VALID;
    if (offering && !pending) {
      if (STALLED && accepted == 0) first_in = cycles;
      ++accepted;
      row += HALFULP_IN_WORDS;
      if (row == wrap) row = stimulus;
      moved = cycles;
    }
    if (STALLED && holding) {
      if (!valid) {
        broken(Broken::FELL, HALFULP_OUT_VALID_NAME);
        break;
      }
      get_row(top, now);
      const char* const port = changed(held, now);
      if (port) {
        broken(Broken::CHANGED, port);
        break;
      }
    }
    if (valid) {
      // A unit without a register shows the offered word before it is accepted.
      const int64_t shown = accepted + (STALLED && !ready && pending);
      if (VL_UNLIKELY(returned == wanted || (sent == wanted && returned >= shown))) {
        broken(Broken::SURPLUS, HALFULP_OUT_VALID_NAME);
        break;
      }
      if (ready) {
        get_row(top, repeat ? response : response + returned * HALFULP_OUT_WORDS);
        if (STALLED && returned == 0) latency = cycles - first_in;
        dut->watch->returned = ++returned;
        moved = cycles;
      } else if (STALLED) {
        get_row(top, held);
      }
    }
    if (STALLED) holding = valid && !ready;
    high(dut);
    ++cycles;
    if (VL_UNLIKELY(cycles - moved > patience)) {
      broken(Broken::HUNG, HALFULP_OUT_VALID_NAME);
      break;
    }
  }
  report();
  offer(top, 0);
  if (STALLED) {  // a word too many shows within one latency
#if HALFULP_HAS_OUT_READY
    top.HALFULP_OUT_READY = 1;
#endif
    for (int64_t i = 0; i < latency + 8 && dut->state == HALFULP_OPEN; ++i) {
      low(dut);
      if (top.HALFULP_OUT_VALID) broken(Broken::SURPLUS, HALFULP_OUT_VALID_NAME);
      high(dut);
    }
  }
#if HALFULP_HAS_OUT_READY
  top.HALFULP_OUT_READY = 0;
#endif
}

#elif HALFULP_PIPELINE

// A row every HALFULP_INTERVAL cycles, held that long; its answer is read HALFULP_LATENCY rising
// edges after the first of them, just before the next.
void pipeline(Model* dut, const uint64_t* stimulus, uint64_t* response, int64_t rows,
              int64_t repeat, halfulp_counts& counts) {
  const uint64_t* row = stimulus;
  const uint64_t* const wrap = repeat ? stimulus + repeat * HALFULP_IN_WORDS : nullptr;
  int64_t sent = 0, returned = 0, cycles = 0, next_in = 0, next_out = HALFULP_LATENCY;
  for (; returned < rows && dut->state == HALFULP_OPEN; ++cycles) {
    const bool offering = sent < rows && cycles == next_in;
    if (offering) {
      put_row(dut->top, row);
      row += HALFULP_IN_WORDS;
      if (row == wrap) row = stimulus;
      ++sent;
      next_in += HALFULP_INTERVAL;
    }
    offer(dut->top, offering ? ~0U : 0);
    low(dut);
    if (cycles == next_out) {
#if HALFULP_HAS_OUT_VALID
      if (VL_UNLIKELY(!dut->top.HALFULP_OUT_VALID)) {
        counts.cycles = cycles;
        counts.accepted = sent;
        counts.returned = returned;
        dut->fail_broken(Broken::ABSENT, HALFULP_OUT_VALID_NAME, counts, HALFULP_LATENCY);
        return;
      }
#endif
      get_row(dut->top, repeat ? response : response + returned * HALFULP_OUT_WORDS);
      dut->watch->returned = ++returned;
      next_out += HALFULP_INTERVAL;
    }
    high(dut);
  }
  counts.cycles = cycles;
  counts.accepted = sent;
  counts.returned = returned;
  offer(dut->top, 0);
}

#elif !HALFULP_CLOCKED

void combinational(Model* dut, const uint64_t* stimulus, uint64_t* response, int64_t rows,
                   int64_t repeat, halfulp_counts& counts) {
  const uint64_t* row = stimulus;
  const uint64_t* const wrap = repeat ? stimulus + repeat * HALFULP_IN_WORDS : nullptr;
  int64_t done = 0;
  while (done < rows && dut->state == HALFULP_OPEN) {
    put_row(dut->top, row);
    evaluate(dut);
    get_row(dut->top, repeat ? response : response + done * HALFULP_OUT_WORDS);
    row += HALFULP_IN_WORDS;
    if (row == wrap) row = stimulus;
    dut->watch->returned = ++done;
  }
  counts.cycles = counts.accepted = counts.returned = done;
}

#endif

// ---- The table

// Runs body; whatever it throws leaves a failed instance behind, never this function.
template <typename Body>
inline int32_t guarded(halfulp_dut* handle, Body body) {
  Model* const dut = static_cast<Model*>(handle);
  Entry entry(dut);
  try {
    const int32_t refused = body(dut);
    if (refused) return refused;
  } catch (...) {
    dut->fail_with_exception();
  }
  return dut->status();
}

int32_t api_create(uint64_t seed, halfulp_dut** handle, char* error, int32_t size) {
  *handle = nullptr;
  try {
    Model* const dut = new Model(seed);
    *handle = dut;
    return HALFULP_OPEN;
  } catch (const std::exception& e) {
    std::snprintf(error, size, "%s", e.what());
  } catch (...) {
    std::snprintf(error, size, "an unknown C++ exception");
  }
  return HALFULP_FAILED;
}

int32_t api_destroy(halfulp_dut* handle) {
  Model* const dut = static_cast<Model*>(handle);
  Entry entry(dut);
  try {
    delete dut;
    return HALFULP_OPEN;
  } catch (...) {
    return HALFULP_FAILED;
  }
}

int32_t api_final(halfulp_dut* handle) {
  return guarded(handle, [](Model* dut) {
    dut->top.final();
    return 0;
  });
}

int32_t api_poke(halfulp_dut* handle, int32_t port, const uint64_t* words) {
  Model* const dut = static_cast<Model*>(handle);
  switch (port) {
#define X(number, name, width)        \
  case number:                        \
    put(dut->top.name, words, width); \
    return dut->status();
    HALFULP_INPUTS(X)
#undef X
  }
  return dut->refuse("no input has this number");
}

int32_t api_peek(halfulp_dut* handle, int32_t port, uint64_t* words) {
  Model* const dut = static_cast<Model*>(handle);
  switch (port) {
#define X(number, name, width) \
  case number:                 \
    get(dut->top.name, words); \
    return dut->status();
    HALFULP_INPUTS(X)
    HALFULP_OUTPUTS(X)
#undef X
  }
  return dut->refuse("no port has this number");
}

int32_t api_eval(halfulp_dut* handle) {
  return guarded(handle, [](Model* dut) {
    evaluate(dut);
    return 0;
  });
}

int32_t api_tick(halfulp_dut* handle, int64_t cycles) {
  return guarded(handle, [=](Model* dut) {
#if HALFULP_CLOCKED
    for (int64_t i = 0; i < cycles && dut->state == HALFULP_OPEN; ++i) {
      low(dut);
      high(dut);
    }
    return 0;
#else
    return cycles ? dut->refuse("the top has no clk") : 0;
#endif
  });
}

int64_t now_ns() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

int32_t api_run(halfulp_dut* handle, const uint64_t* stimulus, uint64_t* response, int64_t sent,
                int64_t wanted, int64_t repeat, int32_t in_stall, int32_t out_stall, uint64_t seed,
                int64_t patience, halfulp_counts* counts) {
  *counts = halfulp_counts{};
  const int64_t start = now_ns();
  const int32_t status = guarded(handle, [=](Model* dut) {
#if HALFULP_STREAM
    (in_stall || out_stall ? stream<true> : stream<false>)(dut, stimulus, response, sent, wanted,
                                                           repeat, in_stall, out_stall, seed,
                                                           patience, *counts);
    return 0;
#elif HALFULP_PIPELINE
    pipeline(dut, stimulus, response, sent, repeat, *counts);
    return 0;
#elif HALFULP_CLOCKED
    return dut->refuse("the top has clk but not the ports of a stream");
#else
    combinational(dut, stimulus, response, sent, repeat, *counts);
    return 0;
#endif
  });
  counts->nanoseconds = now_ns() - start;
  return status;
}

int32_t api_wave(halfulp_dut* handle, const char* path) {
  return guarded(handle, [=](Model* dut) {
#if HALFULP_WAVEFORM
    dut->close_wave();
    if (path) {
      dut->wave.reset(new VerilatedVcdC);
      dut->top.trace(dut->wave.get(), 99);
      dut->wave->open(path);
      if (!dut->wave->isOpen()) {
        dut->wave.reset();
        return dut->refuse("the waveform file cannot be written");
      }
    }
    return 0;
#else
    return path ? dut->refuse("the model was built without a waveform") : 0;
#endif
  });
}

int32_t api_coverage(halfulp_dut* handle, const char* path) {
  return guarded(handle, [=](Model* dut) { return halfulp_write_coverage(dut, path); });
}

constexpr halfulp_api API = {HALFULP_ABI_VERSION, sizeof(halfulp_api), api_create,
                             api_destroy,         api_final,           api_poke,
                             api_peek,            api_eval,            api_tick,
                             api_run,             api_wave,            api_coverage,
                             halfulp_take_text,   halfulp_reason,      halfulp_watch_at};

Model::Model(uint64_t seed) : Instance(&API, seed), top(&context, "TOP") {
#define X(number, name, width) std::memset(&top.name, 0, sizeof top.name);
  HALFULP_INPUTS(X)
#undef X
}

}  // namespace

extern "C" {
__attribute__((visibility("default"))) extern const halfulp_api halfulp_model;
const halfulp_api halfulp_model = API;
}
