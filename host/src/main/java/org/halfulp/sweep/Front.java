package org.halfulp.sweep;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The points that no other point beats: none is at least as good by every objective and better by
 * one. Compared as numbers, without a tolerance.
 *
 * @param points on the front, the best by the first objective first
 * @param dominated how many others have all objectives
 * @param incomplete how many lack one, or failed
 */
public record Front(
    List<Metric> objectives, List<SweepStore.Result> points, long dominated, long incomplete) {

  /** Gathers a front, one point at a time. */
  public static final class Builder {
    private record Entry(SweepStore.Result point, double[] values) {}

    private final List<Metric> objectives;
    private final List<Entry> front = new ArrayList<>();
    private long dominated;
    private long incomplete;

    public Builder(List<Metric> objectives) {
      this.objectives = List.copyOf(objectives);
    }

    public void add(SweepStore.Result point) {
      double[] values = objectives.stream().mapToDouble(m -> m.toMinimize(point)).toArray();
      for (double v : values) {
        if (!Double.isFinite(v) || point.bad() > 0) {
          incomplete++;
          return;
        }
      }
      for (Entry e : front) {
        if (dominates(e.values, values)) {
          dominated++;
          return;
        }
      }
      int before = front.size();
      front.removeIf(e -> dominates(values, e.values));
      dominated += before - front.size();
      front.add(new Entry(point, values));
    }

    public Front build() {
      Comparator<Entry> order = (a, b) -> 0;
      for (int i = 0; i < objectives.size(); i++) {
        int k = i;
        order = order.thenComparingDouble(e -> e.values[k]);
      }
      return new Front(
          objectives,
          front.stream().sorted(order).map(Entry::point).toList(),
          dominated,
          incomplete);
    }
  }

  static boolean dominates(double[] a, double[] b) {
    boolean better = false;
    for (int i = 0; i < a.length; i++) {
      if (a[i] > b[i]) {
        return false;
      }
      better |= a[i] < b[i];
    }
    return better;
  }
}
