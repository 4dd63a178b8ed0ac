// instance.h: what every model shares: state, printed text, reasons.  Its functions are compiled
// once, in runtime.cpp, so that a model's own translation unit stays small.
#ifndef HALFULP_INSTANCE_H
#define HALFULP_INSTANCE_H
#include <memory>
#include <string>

#include "hooks.h"
#include "verilated.h"
#include "abi.h"
#if HALFULP_WAVEFORM
#include "verilated_vcd_c.h"
#endif

enum class Broken {
  FELL,     // out_valid fell although the word was not taken
  CHANGED,  // a payload port changed although the word was not taken
  SURPLUS,  // a word nobody sent, or one too many
  ABSENT,   // out_valid is low where the latency says that a word is due
  HUNG      // no word moved for `patience` cycles
};

struct Instance : halfulp_dut {
  VerilatedContext context;
  int32_t state = HALFULP_OPEN;
  int64_t cycle = 0;       // rising edges of clk since creation
  std::string text;        // printed, not yet taken
  bool dropping = false;   // text is full
  std::string reason;      // why the state is not open, or why the call was refused
  std::string error_line;  // the last printed line that holds %Error or %Fatal
  halfulp_watch own = {};  // where progress goes that nobody watches
  halfulp_watch* watch = &own;
#if HALFULP_WAVEFORM
  std::unique_ptr<VerilatedVcdC> wave;
#endif

  explicit Instance(const halfulp_api* table, uint64_t seed);
  virtual ~Instance();

  int32_t status() const { return state | (text.empty() ? 0 : HALFULP_TEXT); }
  void print(const char* characters, size_t length);
  void fail(const std::string& why);
  void fail_with_exception();  // in a catch block
  void fail_broken(Broken how, const char* port, const halfulp_counts& counts, int64_t limit);
  void print_watched(const char* characters, size_t length);
  int32_t refuse(const char* why);
#if HALFULP_WAVEFORM
  void close_wave();
#endif
};

// Makes an instance the current one of its thread for the length of a call.
class Entry {
  Instance* const before;

 public:
  explicit Entry(Instance* dut);
  ~Entry();
};

int32_t halfulp_take_text(halfulp_dut* dut, char* text, int32_t size);
int32_t halfulp_reason(halfulp_dut* dut, char* text, int32_t size);
int32_t halfulp_watch_at(halfulp_dut* dut, halfulp_watch* where);
int32_t halfulp_write_coverage(Instance* dut, const char* path);
#endif
