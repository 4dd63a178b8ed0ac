// abi.h: what a model library shows to the bridge: one symbol, a table of functions.
//
// Every function returns a status and throws nothing.  Java twin: Bridge, Dut.
#ifndef HALFULP_ABI_H
#define HALFULP_ABI_H
#include <cstdint>

#define HALFULP_ABI_VERSION 2

enum halfulp_status : int32_t {
  HALFULP_OPEN = 0,
  HALFULP_FINISHED = 1,  // $finish was executed
  HALFULP_FAILED = 2,    // the model stopped, did not converge or broke its protocol
  HALFULP_REFUSED = 3,   // the call was wrong; the model is as before
  HALFULP_TEXT = 16      // added to a status: printed text waits to be taken
};

// What run and loop report; all counts are of this call.
struct halfulp_counts {
  int64_t cycles;
  int64_t accepted;
  int64_t returned;
  int64_t nanoseconds;
};

// What outlives a model that dies in a call: how far it came and what it printed last.  It lies in
// memory that another process sees too.
struct halfulp_watch {
  volatile int64_t returned;    // response rows written by the run at hand
  volatile int32_t text_bytes;  // in text
  int32_t text_size;            // room; what does not fit pushes out the oldest half
  char text[1];
};

struct halfulp_dut;

struct halfulp_api {
  uint32_t abi_version;
  uint32_t bytes;  // sizeof(halfulp_api)
  int32_t (*create)(uint64_t seed, halfulp_dut** dut, char* error, int32_t size);
  int32_t (*destroy)(halfulp_dut* dut);
  int32_t (*final)(halfulp_dut* dut);
  int32_t (*poke)(halfulp_dut* dut, int32_t port, const uint64_t* words);
  int32_t (*peek)(halfulp_dut* dut, int32_t port, uint64_t* words);
  int32_t (*eval)(halfulp_dut* dut);
  int32_t (*tick)(halfulp_dut* dut, int64_t cycles);
  // One row a beat: `sent` stimulus rows in, `wanted` response rows out.  A stimulus that is read
  // `repeat` rows at a time serves the native reference loop; 0 reads all of it once.
  int32_t (*run)(halfulp_dut* dut, const uint64_t* stimulus, uint64_t* response, int64_t sent,
                 int64_t wanted, int64_t repeat, int32_t in_stall, int32_t out_stall,
                 uint64_t seed, int64_t patience, halfulp_counts* counts);
  int32_t (*wave)(halfulp_dut* dut, const char* path);  // a null path closes the file
  int32_t (*coverage)(halfulp_dut* dut, const char* path);
  // Moves up to size - 1 characters into text; returns how many.
  int32_t (*take_text)(halfulp_dut* dut, char* text, int32_t size);
  int32_t (*reason)(halfulp_dut* dut, char* text, int32_t size);
  // From now on progress and printed text go there, and take_text finds nothing.
  int32_t (*watch)(halfulp_dut* dut, halfulp_watch* where);
};

struct halfulp_dut {
  const halfulp_api* api;
};

#endif
