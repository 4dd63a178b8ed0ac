package org.halfulp.input;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.halfulp.kernel.Accumulator;
import org.halfulp.kernel.Momentum;
import org.halfulp.learn.Datapath;
import org.halfulp.learn.Training;
import org.halfulp.number.Format;
import org.halfulp.number.Quantizer;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;

/**
 * Writes a {@link Description} with every default spelled out; {@link DescriptionReader}'s twin.
 */
public final class DescriptionWriter {
  private DescriptionWriter() {}

  public static String write(Description description) {
    DumpSettings settings =
        DumpSettings.builder().setDefaultFlowStyle(FlowStyle.BLOCK).setWidth(100).build();
    return new Dump(settings).dumpToString(tree(description));
  }

  /** The description as maps, lists and scalars. */
  static Map<String, Object> tree(Description description) {
    Map<String, Object> root = new LinkedHashMap<>();
    root.put("name", description.name());
    root.put("data", data(description.data()));
    root.put("training", training(description.training()));
    root.put("datapath", datapath(description.datapath()));
    return root;
  }

  private static Map<String, Object> data(Description.Data data) {
    Map<String, Object> map = new LinkedHashMap<>();
    if (data.source() instanceof Description.Csv csv) {
      map.put("file", csv.file().toString());
      map.put("target", csv.target());
      map.put("drop", csv.drop());
    } else if (data.source() instanceof Description.Gaussian drawn) {
      map.put("gaussian", gaussian(drawn));
    }
    map.put("standardize", data.standardize());
    map.put("test_fraction", data.testFraction());
    map.put("seed", data.seed());
    map.put("input", data.input().map(Format::name).orElse("none"));
    return map;
  }

  private static Map<String, Object> gaussian(Description.Gaussian drawn) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("features", drawn.features());
    map.put("rows", drawn.rows());
    map.put("spectrum", drawn.spectrum().isEmpty() ? "i^-" + drawn.decay() : drawn.spectrum());
    map.put("weights", drawn.weights().size() == 1 ? drawn.weights().get(0) : drawn.weights());
    map.put("noise", drawn.noise());
    map.put("seed", drawn.seed());
    return map;
  }

  private static Map<String, Object> training(Training.Plan plan) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("step_size", plan.stepSize());
    map.put("batch", plan.batch());
    map.put("epochs", plan.epochs());
    map.put("shuffle_seed", plan.shuffleSeed());
    map.put("average_from", plan.averageFrom());
    return map;
  }

  private static Map<String, Object> datapath(Datapath datapath) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("seed", datapath.seed());
    map.put("lanes", datapath.lanes());
    map.put("nan", strict(datapath) ? "error" : "zero");
    Map<String, Object> quantizers = new LinkedHashMap<>();
    quantizers.put("data", quantizer(datapath.data()));
    quantizers.put("parameter", quantizer(datapath.parameter()));
    quantizers.put("activation", quantizer(datapath.activation()));
    quantizers.put("label", quantizer(datapath.label()));
    quantizers.put("residual", quantizer(datapath.residual()));
    quantizers.put("gradient", quantizer(datapath.gradient()));
    map.put("quantizers", quantizers);
    Map<String, Object> accumulators = new LinkedHashMap<>();
    accumulators.put("forward", accumulator(datapath.forward()));
    accumulators.put("backward", accumulator(datapath.backward()));
    map.put("accumulators", accumulators);
    if (datapath.weight().isPresent()) {
      Map<String, Object> update = new LinkedHashMap<>();
      update.put("weight", quantizer(datapath.weight()));
      update.put(
          "product", datapath.product().isPresent() ? quantizer(datapath.product()) : "fused");
      update.put("step_format", datapath.step().name());
      datapath.momentum().ifPresent(m -> update.put("momentum", momentum(m, datapath.mu())));
      map.put("update", update);
    }
    return map;
  }

  private static Map<String, Object> momentum(Momentum momentum, long mu) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("velocity", quantizer(momentum.velocity()));
    map.put("mu", momentum.factor().toDouble(mu));
    map.put("mu_format", momentum.factor().name());
    return map;
  }

  private static boolean strict(Datapath d) {
    return java.util.stream.Stream.of(
            d.data(),
            d.parameter(),
            d.activation(),
            d.label(),
            d.residual(),
            d.gradient(),
            d.weight(),
            d.product(),
            d.momentum().map(Momentum::velocity),
            d.forward().sum(),
            d.forward().product(),
            d.backward().sum(),
            d.backward().product())
        .flatMap(Optional::stream)
        .noneMatch(Quantizer::nanToZero);
  }

  private static Object quantizer(Optional<Quantizer> quantizer) {
    return quantizer.<Object>map(DescriptionWriter::quantizer).orElse("none");
  }

  private static Map<String, Object> quantizer(Quantizer quantizer) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("format", quantizer.format().name());
    map.put("rounding", quantizer.rounding().label());
    map.put("overflow", quantizer.overflow().label());
    if (quantizer.draws()) {
      map.put("random_bits", quantizer.randomBits());
    }
    return map;
  }

  private static Map<String, Object> accumulator(Accumulator accumulator) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("order", accumulator.order().toString());
    if (accumulator.order() == Accumulator.Order.TREE) {
      map.put("fan_in", accumulator.fanIn());
    }
    accumulator.sum().ifPresent(q -> map.putAll(quantizer(q)));
    map.put("product", quantizer(accumulator.product()));
    return map;
  }
}
