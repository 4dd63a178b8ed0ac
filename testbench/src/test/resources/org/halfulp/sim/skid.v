// skid: a register with room for one word more, so that in_ready is a register too; FAULT breaks it.
//
//   FAULT  0 none            1 loses a word that meets back-pressure
//          2 changes data under back-pressure   3 stops taking words after the tenth
//          4 out_valid falls under back-pressure  5 returns the fifth word twice
//          6 returns a word before any was sent
`default_nettype none
module skid #(
    parameter integer W     = 16,
    parameter integer FAULT = 0
) (
    input  wire         clk,
    input  wire         rst_n,
    input  wire         in_valid,
    output wire         in_ready,
    input  wire [W-1:0] in_data,
    output wire         out_valid,
    input  wire         out_ready,
    output wire [W-1:0] out_data
);
  reg full_q, spare_q;  // the output register, the room behind it
  reg [W-1:0] data_q, spare_data_q;
  reg [7:0] taken_q;

  assign in_ready = ~spare_q & ~(FAULT == 3 && taken_q >= 8'd10);
  assign out_valid = full_q;
  assign out_data = data_q;

  wire take = in_valid & in_ready;
  wire move = out_ready | ~full_q;

  always @(posedge clk) begin
    if (!rst_n) begin
      full_q  <= (FAULT == 6);
      spare_q <= 1'b0;
      taken_q <= 8'd0;
    end else begin
      if (take) taken_q <= taken_q + 8'd1;
      if (move) begin
        full_q  <= take | spare_q;
        spare_q <= 1'b0;
        data_q  <= spare_q ? spare_data_q : in_data;
        if (FAULT == 5 && full_q && taken_q == 8'd5) begin
          full_q  <= 1'b1;
          data_q  <= data_q;
          taken_q <= 8'd6;
          spare_q <= take;
        end
      end else begin
        if (take) spare_q <= (FAULT != 1);
        if (FAULT == 2) data_q <= data_q + 1;
        if (FAULT == 4) full_q <= 1'b0;
      end
      if (take) spare_data_q <= in_data;
    end
  end
endmodule
`default_nettype wire
