// linear_step_props: a step of linear_step gives no answer before its last row is in and no more than that row has beats, the last
// one marked; no row enters before all are taken; an answer that waits stays as it is.
//
// Rows are of 1 to BEATS beats, alike in a mini-batch of 1 to ROWS rows; all else that comes in is free.  Proved by
// formal/prove.sh in a small format: a handshake does not know the data.  No twin in Java.
`default_nettype none
module linear_step_props #(
    parameter integer BEATS   = 3,
    parameter integer ROWS    = 2,
    parameter integer F_ORDER = 0
) (
    input wire clk,
    input wire rst_n,
    input wire in_valid,
    input wire in_last,
    input wire in_end,
    input wire out_ready
);
  wire in_ready, out_valid, out_last;
  wire [3:0] out_w;
  wire [4:0] out_flags, out_step_flags;
  wire [2:0] out_residual;
  linear_step #(
      .LANES  (1),
      .DEPTH  (BEATS),
      .ROWS   (ROWS),
      .X_WIDTH(2),
      .X_FRAC (0),
      .Y_WIDTH(2),
      .Y_FRAC (0),
      .D_WIDTH(2),
      .D_FRAC (0),
      .W_WIDTH(4),
      .W_FRAC (2),
      .P_WIDTH(2),
      .P_FRAC (0),
      .F_ORDER(F_ORDER),
      .F_WIDTH(4),
      .F_FRAC (0),
      .A_WIDTH(3),
      .A_FRAC (0),
      .L_WIDTH(2),
      .L_FRAC (0),
      .O_WIDTH(3),
      .O_FRAC (0),
      .B_WIDTH(6),
      .B_FRAC (0),
      .G_WIDTH(4),
      .G_FRAC (1)
  ) u_dut (
      .clk           (clk),
      .rst_n         (rst_n),
      .in_valid      (in_valid),
      .in_ready      (in_ready),
      .in_keep       (1'b1),
      .in_last       (in_last),
      .in_end        (in_end),
      .out_valid     (out_valid),
      .out_ready     (out_ready),
      .out_w         (out_w),
      .out_last      (out_last),
      .out_flags     (out_flags),
      .out_step_flags(out_step_flags),
      .out_residual  (out_residual)
  );

  reg started = 0;
  reg waits = 0;
  reg [17:0] waiting;
  reg [7:0] beats, rows, length, due;  // in the row, rows before it, beats a row, answers that are due
  wire accept = in_valid & in_ready;
  wire taken = out_valid & out_ready;
  wire [17:0] answer = {out_w, out_last, out_flags, out_step_flags, out_residual};
  always @(posedge clk) begin
    started <= 1;
    waits   <= rst_n & out_valid & ~out_ready;
    waiting <= answer;
    if (!rst_n) begin
      beats <= 0;
      rows  <= 0;
      due   <= 0;
    end else begin
      if (accept) begin
        beats <= in_last ? 0 : beats + 1;
        if (in_last) begin
          rows   <= in_end ? 0 : rows + 1;
          length <= beats + 1;
        end
      end
      if (accept & in_last & in_end) due <= beats + 1;
      else if (taken) due <= due - 1;
    end
  end

  reg row_ends;  // whether the row at hand is the last one
  always @(posedge clk) if (accept) row_ends <= in_end;
  always @* begin
    if (!started) assume (!rst_n);
    if (in_valid) begin
      if (beats != 0) assume (in_end == row_ends);
      if (rows == ROWS - 1) assume (in_end);
      if (rows != 0) assume (in_last == (beats + 1 == length));
      if (beats == BEATS - 1) assume (in_last);
    end
    if (started) begin
      if (out_valid) assert (due != 0 && out_last == (due == 1));
      if (in_ready) assert (due == 0);
      if (waits) assert (out_valid && answer == waiting);
    end
  end
endmodule
`default_nettype wire
