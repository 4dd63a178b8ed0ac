// bridge.cpp: the library that Java binds by direct mapping.  It opens model libraries, each with
// its own symbols, and passes every call on through the table of the instance.
#include <dlfcn.h>

#include <cstdio>

#include "abi.h"

#define EXPORT extern "C" __attribute__((visibility("default")))

static halfulp_dut* of(int64_t dut) { return reinterpret_cast<halfulp_dut*>(dut); }

// Returns the table of the model at path, or 0 with the reason in error.
EXPORT int64_t halfulp_load(int64_t file, int64_t error, int32_t size) {
  const char* path = reinterpret_cast<const char*>(file);
  char* text = reinterpret_cast<char*>(error);
  void* library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    std::snprintf(text, size, "%s", dlerror());
    return 0;
  }
  auto table = static_cast<const halfulp_api*>(dlsym(library, "halfulp_model"));
  if (!table) {
    std::snprintf(text, size, "%s has no symbol halfulp_model", path);
    return 0;
  }
  if (table->abi_version != HALFULP_ABI_VERSION || table->bytes != sizeof(halfulp_api)) {
    std::snprintf(text, size, "%s has interface version %u, the bridge has %d", path,
                  table->abi_version, HALFULP_ABI_VERSION);
    return 0;
  }
  return reinterpret_cast<int64_t>(table);
}

// Returns an instance, or 0 with the reason in error.
EXPORT int64_t halfulp_create(int64_t table, int64_t seed, int64_t error, int32_t size) {
  halfulp_dut* dut = nullptr;
  reinterpret_cast<const halfulp_api*>(table)->create(seed, &dut, reinterpret_cast<char*>(error),
                                                      size);
  return reinterpret_cast<int64_t>(dut);
}

EXPORT int32_t halfulp_destroy(int64_t dut) { return of(dut)->api->destroy(of(dut)); }

EXPORT int32_t halfulp_final_blocks(int64_t dut) { return of(dut)->api->final(of(dut)); }

EXPORT int32_t halfulp_poke(int64_t dut, int32_t port, int64_t words) {
  return of(dut)->api->poke(of(dut), port, reinterpret_cast<const uint64_t*>(words));
}

EXPORT int32_t halfulp_poke_word(int64_t dut, int32_t port, int64_t value) {
  const uint64_t word = value;
  return of(dut)->api->poke(of(dut), port, &word);
}

EXPORT int32_t halfulp_peek(int64_t dut, int32_t port, int64_t words) {
  return of(dut)->api->peek(of(dut), port, reinterpret_cast<uint64_t*>(words));
}

EXPORT int64_t halfulp_peek_word(int64_t dut, int32_t port) {
  uint64_t word = 0;
  of(dut)->api->peek(of(dut), port, &word);
  return word;
}

EXPORT int32_t halfulp_eval(int64_t dut) { return of(dut)->api->eval(of(dut)); }

EXPORT int32_t halfulp_tick(int64_t dut, int64_t cycles) {
  return of(dut)->api->tick(of(dut), cycles);
}

EXPORT int32_t halfulp_run(int64_t dut, int64_t stimulus, int64_t response, int64_t sent,
                           int64_t wanted, int64_t repeat, int32_t in_stall, int32_t out_stall,
                           int64_t seed, int64_t patience, int64_t counts) {
  return of(dut)->api->run(of(dut), reinterpret_cast<const uint64_t*>(stimulus),
                           reinterpret_cast<uint64_t*>(response), sent, wanted, repeat, in_stall,
                           out_stall, seed, patience, reinterpret_cast<halfulp_counts*>(counts));
}

// A null path closes the waveform.
EXPORT int32_t halfulp_wave(int64_t dut, int64_t path) {
  return of(dut)->api->wave(of(dut), reinterpret_cast<const char*>(path));
}

EXPORT int32_t halfulp_coverage(int64_t dut, int64_t path) {
  return of(dut)->api->coverage(of(dut), reinterpret_cast<const char*>(path));
}

EXPORT int32_t halfulp_take_text(int64_t dut, int64_t text, int32_t size) {
  return of(dut)->api->take_text(of(dut), reinterpret_cast<char*>(text), size);
}

EXPORT int32_t halfulp_reason(int64_t dut, int64_t text, int32_t size) {
  return of(dut)->api->reason(of(dut), reinterpret_cast<char*>(text), size);
}
