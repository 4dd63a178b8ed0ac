package org.halfulp.theory;

/**
 * Gradient descent, Nesterov's accelerated gradient and Polyak's heavy ball on a {@code
 * mu}-strongly convex function with {@code L}-Lipschitz gradient, and what their differentially
 * quantized forms can reach; {@code kappa = L / mu}.
 *
 * <p>Source: Lin, Kostina and Hassibi, "Differentially Quantized Gradient Methods", arXiv
 * 2002.02508v3; numbers in parentheses are its equations. {@code rho} is the covering efficiency of
 * the quantizer, sqrt(n) for one scalar quantizer per coordinate, and {@code c = rho * 2^-R} at R
 * bits a coordinate.
 */
public enum GradientMethod {
  /** Gradient descent. */
  GD {
    @Override
    public double stepSize(double smooth, double convex) {
      checkCurvature(smooth, convex);
      return 2 / (smooth + convex); // (20)
    }

    @Override
    public double momentum(double kappa) {
      checkCondition(kappa);
      return 0;
    }

    @Override
    public double contraction(double kappa) {
      checkCondition(kappa);
      return (kappa - 1) / (kappa + 1); // (21)
    }

    @Override
    double rangeFactor(double kappa) {
      return 1;
    }
  },

  /** Accelerated gradient descent. */
  AGD {
    @Override
    public double stepSize(double smooth, double convex) {
      checkCurvature(smooth, convex);
      return 1 / smooth; // (30)
    }

    @Override
    public double momentum(double kappa) {
      checkCondition(kappa);
      double root = Math.sqrt(kappa);
      return (root - 1) / (root + 1); // (31)
    }

    @Override
    public double contraction(double kappa) {
      checkCondition(kappa);
      return Math.sqrt(1 - 1 / Math.sqrt(kappa)); // (32)
    }

    @Override
    double rangeFactor(double kappa) {
      double gamma = momentum(kappa);
      // gamma / sigma goes to 0 with kappa - 1
      double ratio = kappa == 1 ? 0 : gamma / contraction(kappa);
      return (1 + gamma + ratio) * Math.sqrt(kappa + 1); // (33)
    }
  },

  /** The heavy ball. */
  HB {
    @Override
    public double stepSize(double smooth, double convex) {
      checkCurvature(smooth, convex);
      double root = 2 / (Math.sqrt(smooth) + Math.sqrt(convex));
      return root * root; // (42)
    }

    @Override
    public double momentum(double kappa) {
      double root = contraction(kappa);
      return root * root; // (43)
    }

    @Override
    public double contraction(double kappa) {
      checkCondition(kappa);
      double root = Math.sqrt(kappa);
      return (root - 1) / (root + 1); // (44)
    }

    @Override
    double rangeFactor(double kappa) {
      checkCondition(kappa);
      return Math.sqrt(2); // (45)
    }
  };

  /** The step size eta; (20), (30), (42). */
  public abstract double stepSize(double smooth, double convex);

  /** The momentum factor gamma; (31), (43). */
  public abstract double momentum(double kappa);

  /** The contraction factor sigma without quantization; (21), (32), (44). */
  public abstract double contraction(double kappa);

  /** The first range over {@code L D}: 1, lambda (33), sqrt 2. */
  abstract double rangeFactor(double kappa);

  /** R1: rates above it converge linearly; (38). */
  public double convergentRate(double kappa, double rho) {
    checkRho(rho);
    return log2(1 + 2 * momentum(kappa)) + log2(rho);
  }

  /**
   * R2: rates from it on lose nothing against the unquantized method; (39). Infinite at {@code
   * kappa = 1}, where the unquantized method is done in one step.
   */
  public double losslessRate(double kappa, double rho) {
    checkRho(rho);
    double gamma = momentum(kappa);
    double sigma = contraction(kappa);
    if (sigma == 0) {
      return Double.POSITIVE_INFINITY;
    }
    return log2(((1 + gamma) * sigma + gamma) / (sigma * sigma)) + log2(rho);
  }

  /** What quantization alone contracts by, {@code c phi(gamma)}: the positive root of (37). */
  public double quantizedContraction(double kappa, double c) {
    checkC(c);
    return largerRoot(momentum(kappa), c);
  }

  /** The bound on the contraction factor; (23), (35), (46). At least 1: no convergence promised. */
  public double bound(double kappa, double c) {
    return Math.max(contraction(kappa), quantizedContraction(kappa, c));
  }

  /** phi of (36); {@code c phi(gamma)} is the positive root of {@code r^2 - r c (1 + g) - c g}. */
  public static double phi(double gamma, double c) {
    checkC(c);
    return (1 + gamma) / 2 + Math.sqrt((1 + gamma) * (1 + gamma) + 4 * gamma / c) / 2;
  }

  static double largerRoot(double gamma, double c) {
    double half = c * (1 + gamma) / 2;
    return half + Math.sqrt(half * half + c * gamma);
  }

  /**
   * The least contraction factor of any method whose server subtracts the quantized inputs, as GD
   * does, at {@code rate} bits a coordinate; (50).
   */
  public static double converseWithoutMomentum(double kappa, double rate) {
    return Math.max(GD.contraction(kappa), Math.pow(2, -rate));
  }

  /** The same for methods with momentum; (57). */
  public static double converseWithMomentum(double kappa, double rate) {
    return Math.max(HB.contraction(kappa), Math.pow(2, -rate));
  }

  /** The bound of naively quantized gradient descent with one worker; (28). */
  public static double naiveBound(double kappa, double c) {
    checkC(c);
    return GD.contraction(kappa) + 2 * kappa / (kappa + 1) * c;
  }

  /** The rate above which {@link #naiveBound} is below 1: log2(rho kappa). */
  public static double naiveConvergentRate(double kappa, double rho) {
    checkCondition(kappa);
    checkRho(rho);
    return log2(rho) + log2(kappa);
  }

  static double log2(double x) {
    return Math.log(x) / Math.log(2);
  }

  static void checkCondition(double kappa) {
    if (!(kappa >= 1 && kappa <= Double.MAX_VALUE)) {
      throw new IllegalArgumentException(
          "the condition number kappa = L / mu must be finite and at least 1, got " + kappa);
    }
  }

  static void checkCurvature(double smooth, double convex) {
    if (!(convex > 0 && smooth >= convex && smooth <= Double.MAX_VALUE)) {
      throw new IllegalArgumentException(
          "L must be at least mu and mu positive, got L = %s and mu = %s"
              .formatted(smooth, convex));
    }
  }

  static void checkC(double c) {
    if (!(c > 0 && c <= Double.MAX_VALUE)) {
      throw new IllegalArgumentException("c = rho 2^-R must be positive and finite, got " + c);
    }
  }

  private static void checkRho(double rho) {
    if (!(rho >= 1 && rho <= Double.MAX_VALUE)) {
      throw new IllegalArgumentException("the covering efficiency must be at least 1, got " + rho);
    }
  }
}
