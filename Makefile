# Each target is a command that you could type.
.DEFAULT_GOAL := help
.PHONY: help setup demo test test-long test-kernels corners lint prove prove-long matrix area bench bench-kernels bench-rtl theory-check descents experiments random-features report-check hardware-check mutate coverage exhaust-fp16-add exhaust-fp16-mul clean
MAVEN := mvn -B --no-transfer-progress

help: ## show this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "make %-16s %s\n", $$1, $$2 }' Makefile

setup: ## install the tools that are missing (a JDK, Maven, Verilator, C++, make)
	@tools/setup.sh

demo: setup ## train on the concrete data set in low precision
	./halfulp train examples/concrete.yaml

test: setup ## build and run all tests
	$(MAVEN) verify

test-long: setup ## the full-factorial RTL campaigns; hours
	$(MAVEN) verify -Dgroups=long -Dsurefire.failIfNoSpecifiedTests=false

test-kernels: setup ## array kernels in every narrow format, rule and mode, and on 10^9 random elements; three minutes
	$(MAVEN) test -pl testbench -am -Dgroups=long -Dtest=ArrayQuantizerTest -Dsurefire.failIfNoSpecifiedTests=false

corners: setup ## the RTL at all pairs of its parameters' extremes, long; UNITS=fp_add,fx_mac for some
	$(MAVEN) test -pl testbench -am -Dgroups=long -Dtest=CornersTest -Dsurefire.failIfNoSpecifiedTests=false $(if $(UNITS),-Dcorners.units=$(UNITS))

lint: ## check the Verilog with Verilator and Yosys
	@tools/setup.sh --all
	rtl/lint.sh

prove: ## prove the Verilog with Yosys and Bitwuzla, some minutes; UNITS='fp_add' for some
	@tools/setup.sh --all
	rtl/formal/prove.sh
	$(MAVEN) -q package dependency:build-classpath -DskipTests -Dmdep.outputFile=target/test-classpath
	java -cp "testbench/target/test-classes:$$(cat testbench/target/test-classpath)" org.halfulp.prove.Prove rtl target/matrix/proofs.csv short $(UNITS)

prove-long: prove ## more of them, in wider formats
	java -cp "testbench/target/test-classes:$$(cat testbench/target/test-classpath)" org.halfulp.prove.Prove rtl target/matrix/proofs.csv long $(UNITS)

matrix: setup ## how each unit, format and mode is checked; UNITS='fp_add' to run some
	$(MAVEN) -q package dependency:build-classpath -DskipTests -Dmdep.outputFile=target/test-classpath
	java -cp "testbench/target/test-classes:$$(cat testbench/target/test-classpath)" org.halfulp.prove.Matrix rtl target/matrix docs/results/matrix.md $(UNITS)

area: ## measure the RTL's area and speed, write docs/results/rtl.md
	@tools/setup.sh --area
	rtl/area_table.sh > docs/results/rtl.md.new && mv docs/results/rtl.md.new docs/results/rtl.md

bench: setup ## run the JMH benchmarks; BENCH='...' for JMH's arguments
	$(MAVEN) -q package dependency:build-classpath -DskipTests -Dmdep.outputFile=target/test-classpath
	java -cp "testbench/target/test-classes:$$(cat testbench/target/test-classpath)" org.openjdk.jmh.Main $(BENCH)

bench-kernels: setup ## CPU time of the array kernels and training steps, beside binary64 or a copy; two threads beside one
	$(MAVEN) -q package dependency:build-classpath -DskipTests -Dmdep.outputFile=target/test-classpath
	for group in step dot elementwise quantize modes onebit threads; do java -Xbatch --add-modules jdk.incubator.vector -cp "testbench/target/test-classes:$$(cat testbench/target/test-classpath)" org.halfulp.bench.CpuRatios $$group || exit 1; done

bench-rtl: setup ## cost of a checked vector, and its ratio to the C++ loop alone
	$(MAVEN) -q package dependency:build-classpath -DskipTests -Dmdep.outputFile=target/test-classpath
	java -cp "testbench/target/test-classes:$$(cat testbench/target/test-classpath)" org.halfulp.bench.Throughput $(UNITS)

MUTANTS := 200
mutate: ## put faults into the RTL, see the campaigns find each; UNITS='fp_add' for some
	@tools/setup.sh --all
	$(MAVEN) -q package dependency:build-classpath -DskipTests -Dmdep.outputFile=target/test-classpath
	java -cp "testbench/target/test-classes:$$(cat testbench/target/test-classpath)" org.halfulp.mutate.Mutation rtl $(MUTANTS) docs/results/mutation.md $(UNITS)

coverage: setup ## lines and bits of the Verilog that the campaigns execute; UNITS='fp_add' for some
	$(MAVEN) -q package dependency:build-classpath -DskipTests -Dmdep.outputFile=target/test-classpath
	java -cp "testbench/target/test-classes:$$(cat testbench/target/test-classpath)" org.halfulp.coverage.Coverage testbench/target/coverage docs/results/coverage.md $(UNITS)

exhaust-fp16-add: setup ## all 2^32 pairs of binary16 through fp_add, beside the emulator; minutes
	./halfulp verify fp_add --format fp16 --exhaustive --tie in_sub=0

MODES := rne
exhaust-fp16-mul: setup ## the same through fp_mul; MODES='rna rtz rup rdn' for the other modes
	for mode in $(MODES); do ./halfulp verify fp_mul --format fp16 --rounding $$mode --exhaustive || exit 1; done

EXPERIMENTS := $(basename $(notdir $(wildcard examples/experiments/*.yaml)))
RUNS := 600
theory-check: setup ## quantized SGD simulated beside its theory, write docs/results/p1.md; minutes
	$(MAVEN) -q package dependency:build-classpath -DskipTests -Dmdep.outputFile=target/test-classpath
	java -cp "testbench/target/test-classes:$$(cat testbench/target/test-classpath)" org.halfulp.risk.RiskCheck docs/results/p1.md $(RUNS) 2

descents: setup ## contraction of quantized gradient methods, 500 instances, beside a prototype
	$(MAVEN) -q package dependency:build-classpath -DskipTests -Dmdep.outputFile=target/test-classpath
	java -cp "testbench/target/test-classes:$$(cat testbench/target/test-classpath)" org.halfulp.descent.Contraction examples/ash331.mtx docs/results/p2.md

experiments: setup ## every experiment of examples/experiments in full, into docs/results/experiments; goes on where it stopped; hours. EXPERIMENTS='q1 q2' for some
	for e in $(EXPERIMENTS); do ./halfulp experiment examples/experiments/$$e.yaml --out runs/experiments/$$e && cp runs/experiments/$$e/table.csv docs/results/experiments/$$e.csv && cp runs/experiments/$$e/figure.svg docs/results/experiments/$$e.svg || exit 1; done

random-features: ## one-bit random features beside a prototype, write docs/results/p3.md; half an hour
	$(MAKE) experiments EXPERIMENTS='widths anisotropic growth'
	$(MAVEN) -q package dependency:build-classpath -DskipTests -Dmdep.outputFile=target/test-classpath
	java -cp "testbench/target/test-classes:$$(cat testbench/target/test-classpath)" org.halfulp.features.FeatureCheck runs/experiments docs/results/p3.md

hardware-check: ## array kernels beside the instructions of an NVIDIA GPU (compute capability 9.0; needs nvcc)
	@command -v nvcc >/dev/null || { echo "no nvcc on PATH: this check needs CUDA and a GPU" >&2; exit 3; }
	$(MAVEN) -q package dependency:build-classpath -DskipTests -Dmdep.outputFile=target/test-classpath
	nvcc -O2 -std=c++17 -arch=sm_90 -shared -Xcompiler -fPIC -o testbench/target/libhardware.so testbench/src/test/cuda/hardware.cu
	java -Xbatch --add-modules jdk.incubator.vector -cp "testbench/target/test-classes:$$(cat testbench/target/test-classpath)" org.halfulp.hardware.HardwareCheck testbench/target/libhardware.so

report-check: ## see the pages of 'halfulp report' work in Chromium, which it installs
	@tools/setup.sh --browser
	$(MAVEN) test -pl testbench -am -Dtest='ReportInBrowserTest' -Dsurefire.failIfNoSpecifiedTests=false

clean: ## remove what was built
	$(MAVEN) -q clean
