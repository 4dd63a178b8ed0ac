// worker.cpp: a process of its own for a model that nobody vouches for.
//
//   worker MODEL WATCH    the model library, and a file that holds a halfulp_watch
//
// A command arrives on standard input as a Command and its payload, an answer leaves on standard
// output as an Answer, its values and its reason.  Batches lie in files that both sides map.  When
// the other side goes away, the whole process group dies, also out of an endless loop.
// Java twin: WorkerProcess.
#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "abi.h"

namespace {

constexpr rlim_t MOST_MEMORY = rlim_t{8} << 30;
constexpr rlim_t LONGEST_FILE = rlim_t{1} << 30;

enum Op : int32_t { CREATE, DESTROY, FINAL, POKE, PEEK, EVAL, TICK, MAP, RUN, WAVE, COVERAGE };

struct Command {
  int32_t op;
  int32_t bytes;  // of the payload
  int64_t arguments[8];
};

struct Answer {
  int32_t status;
  int32_t value_words;
  int32_t reason_bytes;
  int32_t unused;
};

int in, out;  // the channel; the model finds /dev/null and standard error in their places

void all(ssize_t (*move)(int, char*, size_t), int file, void* data, size_t bytes) {
  char* at = static_cast<char*>(data);
  while (bytes) {
    const ssize_t n = move(file, at, bytes);
    if (n <= 0) _exit(0);  // the other side is gone
    at += n;
    bytes -= n;
  }
}

ssize_t take(int file, char* data, size_t bytes) { return read(file, data, bytes); }
ssize_t give(int file, char* data, size_t bytes) { return write(file, data, bytes); }

void limit(__rlimit_resource_t what, rlim_t most) {
  rlimit now;
  if (getrlimit(what, &now) != 0) return;
  if (now.rlim_cur == RLIM_INFINITY || now.rlim_cur > most) now.rlim_cur = most;
  setrlimit(what, &now);
}

void* map(const char* path, size_t bytes) {
  const int file = open(path, O_RDWR | O_CLOEXEC);
  if (file < 0) return nullptr;
  struct stat known;
  if (!bytes && fstat(file, &known) == 0) bytes = known.st_size;
  void* where = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  return where == MAP_FAILED ? nullptr : where;
}

void die_with(int channel) {
  pollfd wanted = {channel, 0, 0};  // only that it is hung up
  while (poll(&wanted, 1, -1) < 1) {
  }
  if (getpgrp() == getpid()) kill(0, SIGKILL);
  _exit(0);
}

struct Rows {
  uint64_t* stimulus;
  uint64_t* response;
};

}  // namespace

int main(int count, char** words) {
  in = fcntl(0, F_DUPFD_CLOEXEC, 3);
  out = fcntl(1, F_DUPFD_CLOEXEC, 3);
  const int nothing = open("/dev/null", O_RDONLY);
  if (count != 3 || in < 0 || out < 0 || nothing < 0) {
    std::fprintf(stderr, "worker: started without its files\n");
    return 2;
  }
  dup2(nothing, 0);
  dup2(2, 1);
  close(nothing);
  setpgid(0, 0);
  std::thread(die_with, in).detach();
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_AS, MOST_MEMORY);
  limit(RLIMIT_FSIZE, LONGEST_FILE);

  const halfulp_api* api = nullptr;
  halfulp_dut* dut = nullptr;
  std::vector<Rows> batches;
  auto watch = static_cast<halfulp_watch*>(map(words[2], 0));

  for (;;) {
    Command command;
    all(take, in, &command, sizeof command);
    std::string payload(command.bytes, 0);
    all(take, in, &payload[0], payload.size());
    const int64_t* const a = command.arguments;
    const auto port = static_cast<int32_t>(a[0]);

    Answer answer = {};
    uint64_t values[1024] = {};  // a port of at most 65536 bits
    char reason[8192] = "";
    switch (command.op) {
      case CREATE: {
        answer.status = HALFULP_FAILED;
        void* const library = watch ? dlopen(words[1], RTLD_NOW | RTLD_LOCAL) : nullptr;
        if (library) api = static_cast<const halfulp_api*>(dlsym(library, "halfulp_model"));
        if (!api) {
          std::snprintf(reason, sizeof reason, "%s", watch ? dlerror() : "no shared memory");
        } else if (api->abi_version != HALFULP_ABI_VERSION || api->bytes != sizeof(halfulp_api)) {
          std::snprintf(reason, sizeof reason, "interface version %u", api->abi_version);
        } else {
          answer.status = api->create(a[0], &dut, reason, sizeof reason);
          if (dut) api->watch(dut, watch);
        }
        break;
      }
      case DESTROY:
        answer.status = api->destroy(dut);
        dut = nullptr;
        break;
      case FINAL:
        answer.status = api->final(dut);
        break;
      case POKE:
        answer.status = api->poke(dut, port, reinterpret_cast<const uint64_t*>(payload.data()));
        break;
      case PEEK:
        answer.status = api->peek(dut, port, values);
        answer.value_words = static_cast<int32_t>(a[1]);
        break;
      case EVAL:
        answer.status = api->eval(dut);
        break;
      case TICK:
        answer.status = api->tick(dut, a[0]);
        break;
      case MAP: {  // a[0]: bytes of the stimulus; a[1]: of both
        auto base = static_cast<char*>(map(payload.c_str(), a[1]));
        if (!base) {
          answer.status = HALFULP_REFUSED;
          std::snprintf(reason, sizeof reason, "%s cannot be mapped", payload.c_str());
        } else {
          batches.push_back({reinterpret_cast<uint64_t*>(base),
                             reinterpret_cast<uint64_t*>(base + a[0])});
        }
        break;
      }
      case RUN: {  // batch, sent, wanted, repeat, both stalls, seed, patience
        const Rows rows = batches[a[0]];
        answer.status =
            api->run(dut, rows.stimulus, rows.response, a[1], a[2], a[3],
                     static_cast<int32_t>(a[4]), static_cast<int32_t>(a[5]), a[6], a[7],
                     reinterpret_cast<halfulp_counts*>(values));
        answer.value_words = sizeof(halfulp_counts) / 8;
        break;
      }
      case WAVE:
        answer.status = api->wave(dut, payload.empty() ? nullptr : payload.c_str());
        break;
      case COVERAGE:
        answer.status = api->coverage(dut, payload.c_str());
        break;
      default:
        answer.status = HALFULP_REFUSED;
    }
    if (answer.status != HALFULP_OPEN && dut) api->reason(dut, reason, sizeof reason);
    answer.reason_bytes = static_cast<int32_t>(std::strlen(reason));
    std::string message(reinterpret_cast<char*>(&answer), sizeof answer);
    message.append(reinterpret_cast<char*>(values), 8 * answer.value_words);
    message.append(reason, answer.reason_bytes);
    all(give, out, &message[0], message.size());
  }
}
