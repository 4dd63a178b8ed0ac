package org.halfulp.cli;

import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** A line on standard error that moves, only where that is a terminal (the launcher knows). */
final class Progress {
  private static final int WIDTH = 78;

  private Progress() {}

  /**
   * A bar, or null.
   *
   * @param max steps in all; -1 if not known
   * @param unit its name, of {@code size} steps
   */
  static ProgressBar bar(String task, long max, String unit, long size) {
    if (!Boolean.getBoolean("halfulp.tty")) {
      return null;
    }
    return new ProgressBarBuilder()
        .setTaskName(task)
        .setInitialMax(max)
        .setUnit(unit, size)
        .showSpeed()
        .setStyle(ProgressBarStyle.ASCII)
        .setUpdateIntervalMillis(100)
        .setConsumer(new ConsoleProgressBarConsumer(System.err, WIDTH))
        .clearDisplayOnFinish()
        .build();
  }
}
