// stream_props: what a stream promises, of stream_ranks with a word in each rank.  RANKS >= 1.
//
// The words are numbered as they enter.  At the output their numbers come in order, none left out and none twice; a word
// that waits stays as it is; a word enters whenever a rank is free.  The invariants say it for the ranks inside, so that
// one step of induction proves it for ever: each valid rank has the number that its place asks for.
//
// formal/prove.sh connects `valid` to the register of stream_ranks.  No twin in Java.
`default_nettype none
module stream_props #(
    parameter integer RANKS = 2
) (
    input wire clk,
    input wire rst_n,
    input wire in_valid,
    input wire out_ready
);
  localparam integer W = $clog2(RANKS + 1) + 1;  // more numbers than words inside
  (* keep *) wire [RANKS-1:0] valid;
  wire in_ready, out_valid;
  wire [RANKS-1:0] enable;
  reg [W-1:0] sent, got;
  wire [W-1:0] out_word;
  stream_ranks #(
      .RANKS(RANKS)
  ) u_dut (
      .clk      (clk),
      .rst_n    (rst_n),
      .in_valid (in_valid),
      .in_ready (in_ready),
      .out_valid(out_valid),
      .out_ready(out_ready),
      .enable   (enable)
  );
  wire [(RANKS+1)*W-1:0] word;
  assign word[0+:W] = sent;
  assign out_word   = word[RANKS*W+:W];
  genvar k;
  generate
    for (k = 0; k < RANKS; k = k + 1) begin : g_rank
      pipe_rank #(
          .W(W)
      ) u_rank (
          .clk   (clk),
          .enable(enable[k]),
          .d     (word[k*W+:W]),
          .q     (word[(k+1)*W+:W])
      );
    end
  endgenerate

  always @(posedge clk)
    if (!rst_n) begin
      sent <= 0;
      got  <= 0;
    end else begin
      sent <= sent + (in_valid & in_ready);
      got  <= got + (out_valid & out_ready);
    end

  reg started = 0;
  reg waits = 0;
  reg [W-1:0] waiting;
  always @(posedge clk) begin
    started <= 1;
    waits   <= rst_n & out_valid & ~out_ready;
    waiting <= out_word;
  end

  reg [W-1:0] due;
  integer i;
  always @* begin
    if (!started) assume (!rst_n);
    due = got;
    if (started) begin
      for (i = RANKS - 1; i >= 0; i = i - 1) begin
        if (valid[i]) assert (word[(i+1)*W+:W] == due);
        due = due + valid[i];
      end
      assert (sent == due);
      assert (out_valid == valid[RANKS-1]);
      if (out_valid) assert (out_word == got);
      assert (in_ready == (out_ready | ~(&valid)));
      if (waits) assert (out_valid & out_word == waiting);
    end
  end
endmodule
`default_nettype wire
