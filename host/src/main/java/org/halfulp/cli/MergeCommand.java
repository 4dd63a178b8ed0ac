package org.halfulp.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.halfulp.sweep.SweepStore;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code halfulp merge}: the parts of a sweep become one. */
@Command(
    name = "merge",
    description = {
      "Put the folders of several sweeps together, for instance those of --shard 1/8 to 8/8.",
      "",
      "What two of them have is kept once; two results of one training run must be equal. Run the"
          + " sweep again on the merged folder to see its front, or halfulp sweep export."
    },
    footer = {
      "",
      "Example:",
      "  halfulp sweep spec.yaml --shard 1/2 --out a   # here",
      "  halfulp sweep spec.yaml --shard 2/2 --out b   # there",
      "  halfulp merge all a b"
    })
final class MergeCommand implements Callable<Integer> {
  @ParentCommand private Main main;

  @Parameters(index = "0", paramLabel = "OUT", description = "The folder to put them into.")
  private Path out;

  @Parameters(index = "1..*", arity = "1..*", paramLabel = "IN", description = "Folders of sweeps.")
  private List<Path> in;

  @Override
  public Integer call() {
    for (Path folder : in) {
      SweepStore.read(folder).close(); // refused before anything is written
    }
    try (SweepStore store = SweepStore.write(out)) {
      for (Path folder : in) {
        main.text().printf("%s: %,d new points%n", folder, store.merge(folder));
      }
    }
    return Main.GOOD;
  }
}
