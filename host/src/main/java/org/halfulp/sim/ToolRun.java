package org.halfulp.sim;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * One finished run of a tool.
 *
 * @param output of both streams
 */
public record ToolRun(List<String> command, int exit, String output) {
  private static final Duration LIMIT = Duration.ofMinutes(10);
  private static final int LAST_LINES = 20;

  /**
   * @throws ToolException if the tool cannot be started or does not end in ten minutes
   */
  public static ToolRun of(List<String> command, Path folder) {
    return of(command, folder, LIMIT);
  }

  /**
   * @param folder where it runs; null: here
   * @param limit after which it and what it started are killed
   * @throws ToolException if the tool cannot be started, is interrupted, or does not end in time
   */
  public static ToolRun of(List<String> command, Path folder, Duration limit) {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("LC_ALL", "C");
    if (folder != null) {
      builder.directory(folder.toFile());
    }
    try {
      Process process = builder.start();
      process.getOutputStream().close();
      CompletableFuture<Boolean> killer =
          new CompletableFuture<Boolean>()
              .completeOnTimeout(true, limit.toMillis(), TimeUnit.MILLISECONDS);
      CompletableFuture<Boolean> expired =
          killer.thenApply(
              late -> {
                if (late) {
                  kill(process);
                }
                return late;
              });
      try {
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        ToolRun run = new ToolRun(command, process.waitFor(), output);
        killer.complete(false);
        if (expired.join()) {
          throw run.failure(
              "was killed, for it did not end in " + limit.toSeconds() + " s",
              "is the design too large?");
        }
        return run;
      } catch (InterruptedException e) {
        kill(process);
        Thread.currentThread().interrupt();
        throw new ToolException(command.get(0) + " was interrupted", e);
      }
    } catch (IOException e) {
      throw new ToolException(
          command.get(0) + " cannot be started: " + e.getMessage() + "; run `make setup`", e);
    }
  }

  private static void kill(Process process) {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }

  public ToolException failure(String advice) {
    String how =
        exit > 128 ? "was killed by signal " + (exit - 128) : "ended with exit code " + exit;
    return failure(how, advice);
  }

  ToolException failure(String how, String advice) {
    List<String> lines = output.lines().filter(l -> !l.isBlank()).toList();
    String last =
        lines.stream()
            .skip(Math.max(0, lines.size() - LAST_LINES))
            .map(l -> "\n  " + l)
            .collect(Collectors.joining());
    return new ToolException(
        command.get(0)
            + " "
            + how
            + "; "
            + advice
            + "\ncommand: "
            + String.join(" ", command)
            + (last.isEmpty() ? "\nit printed nothing" : "\nlast lines:" + last));
  }
}
