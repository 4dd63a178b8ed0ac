// runtime.cpp: Verilator's runtime and the common part of every instance in one object, compiled
// once per toolchain and build kind.
#include "verilated.cpp"
#if __has_include("verilated_threads.cpp")
#include "verilated_threads.cpp"
#endif
#if HALFULP_WAVEFORM
#include "verilated_vcd_c.cpp"
#endif
#if HALFULP_COVERAGE
#include "verilated_cov.cpp"
#endif
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <exception>
#include <stdexcept>

#include "instance.h"

namespace {

constexpr size_t TEXT_LIMIT = size_t{1} << 20;

thread_local Instance* current = nullptr;

std::string place(const char* file, int line) {
  return file && file[0] ? std::string(file) + ":" + std::to_string(line) + ": " : "";
}

int32_t copy_text(const std::string& from, char* to, int32_t size) {
  const size_t length = std::min(from.size(), static_cast<size_t>(size - 1));
  std::memcpy(to, from.data(), length);
  to[length] = 0;
  return static_cast<int32_t>(length);
}

}  // namespace

// ---- Instance

Instance::Instance(const halfulp_api* table, uint64_t seed) {
  api = table;
  context.fatalOnError(false);
  context.randReset(2);  // registers start with noise: a missing reset shows
  context.randSeed(static_cast<int>(seed));
#if HALFULP_WAVEFORM
  context.traceEverOn(true);
#endif
}

Instance::~Instance() {}

void Instance::print(const char* characters, size_t length) {
  if (watch != &own) {
    print_watched(characters, length);
  } else if (text.size() + length <= TEXT_LIMIT) {
    text.append(characters, length);
  } else if (!dropping) {
    dropping = true;
    text += "\n(further output of this call dropped)\n";
  }
}

void Instance::print_watched(const char* characters, size_t length) {
  const size_t room = watch->text_size;
  size_t used = watch->text_bytes;
  if (length > room / 2) {  // its end says more
    characters += length - room / 2;
    length = room / 2;
  }
  if (used + length > room) {
    std::memmove(watch->text, watch->text + (used - room / 2), room / 2);
    used = room / 2;
  }
  std::memcpy(watch->text + used, characters, length);
  watch->text_bytes = static_cast<int32_t>(used + length);
}

void Instance::fail(const std::string& why) {
  if (state == HALFULP_FAILED) return;  // the first reason is the cause
  state = HALFULP_FAILED;
  reason = why;
}

void Instance::fail_with_exception() {
  try {
    throw;
  } catch (const std::exception& e) {
    fail(e.what());
  } catch (...) {
    fail("an unknown C++ exception");
  }
}

void Instance::fail_broken(Broken how, const char* port, const halfulp_counts& counts,
                           int64_t limit) {
  const std::string name = port;
  const std::string where = " in cycle " + std::to_string(counts.cycles) + " of the batch";
  const std::string so_far = " (" + std::to_string(counts.accepted) + " beats accepted, " +
                             std::to_string(counts.returned) + " returned)";
  switch (how) {
    case Broken::FELL:
      return fail(name + " fell" + where + " although the word was not taken" + so_far);
    case Broken::CHANGED:
      return fail(name + " changed" + where + " although the word was not taken" + so_far);
    case Broken::SURPLUS:
      return fail(name + " is high" + where + " but no word is due" + so_far);
    case Broken::ABSENT:
      return fail(name + " is low" + where + " but the latency of " + std::to_string(limit) +
                  " says that a word is due" + so_far);
    case Broken::HUNG:
      return fail("no word moved for " + std::to_string(limit) + " cycles" + where + so_far);
  }
}

int32_t Instance::refuse(const char* why) {
  reason = why;
  return HALFULP_REFUSED;
}

#if HALFULP_WAVEFORM
void Instance::close_wave() {
  if (wave) wave->close();
  wave.reset();
}
#endif

Entry::Entry(Instance* dut) : before(current) {
  current = dut;
  Verilated::threadContextp(&dut->context);
}

Entry::~Entry() { current = before; }

int32_t halfulp_take_text(halfulp_dut* handle, char* text, int32_t size) {
  Instance* const dut = static_cast<Instance*>(handle);
  const int32_t length = copy_text(dut->text, text, size);
  dut->text.erase(0, length);
  if (dut->text.empty()) dut->dropping = false;
  return length;
}

int32_t halfulp_reason(halfulp_dut* handle, char* text, int32_t size) {
  return copy_text(static_cast<Instance*>(handle)->reason, text, size);
}

int32_t halfulp_watch_at(halfulp_dut* handle, halfulp_watch* where) {
  Instance* const dut = static_cast<Instance*>(handle);
  dut->watch = where;
  return dut->state;
}

int32_t halfulp_write_coverage(Instance* dut, const char* path) {
#if HALFULP_COVERAGE
  dut->context.coveragep()->write(path);
  return 0;
#else
  (void)path;
  return dut->refuse("the model was built without coverage");
#endif
}

// ---- What Verilator's runtime calls

int halfulp_printf(const char* format, ...) {
  va_list list, again;
  va_start(list, format);
  va_copy(again, list);
  char line[1024];
  const int length = std::vsnprintf(line, sizeof line, format, list);
  va_end(list);
  if (length > 0 && current) {
    std::string longer;
    const char* from = line;
    if (static_cast<size_t>(length) >= sizeof line) {
      longer.resize(length + 1);
      std::vsnprintf(&longer[0], longer.size(), format, again);
      from = longer.data();
    }
    current->print(from, length);
    const char* error = std::strstr(from, "%Error");
    if (!error) error = std::strstr(from, "%Fatal");
    if (error) {
      current->error_line.assign(error, std::strcspn(error, "\n"));
    }
  }
  va_end(again);
  return length;
}

void vl_finish(const char* file, int line, const char*) {
  if (current && current->state == HALFULP_OPEN) {
    current->state = HALFULP_FINISHED;
    current->reason = place(file, line) + "$finish";
    current->context.gotFinish(true);
  }
}

// $stop; also $error, $fatal and a failed assertion, which print their message first.
void vl_stop(const char* file, int line, const char*) {
  if (!current) return;
  current->context.gotError(true);
  current->fail(current->error_line.empty() ? place(file, line) + "$stop" : current->error_line);
}

// A model that does not converge: nothing can be evaluated after it.
void vl_fatal(const char* file, int line, const char*, const char* message) {
  throw std::runtime_error(place(file, line) + (message ? message : "fatal error"));
}

void vl_warn(const char* file, int line, const char*, const char* message) {
  halfulp_printf("%%Warning: %s%s\n", place(file, line).c_str(), message ? message : "");
}
