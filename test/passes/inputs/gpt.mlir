// A small GPT as a spec says it: learned positions, normalization before each
// sub-layer, 3 heads of 16, 2 layers.
module attributes {sinter.head = "next_token", sinter.name = "gpt", sinter.context = 32 : i64, sinter.vocabulary = 65 : i64} {
  func.func @logits(%token: !sinter.tensor<[T], i32> {sinter.input = "token"}) -> !sinter.tensor<[T, 65], f32> {
    %wte = sinter.weight "wte.weight" : !sinter.tensor<[65, 48], f32>
    %wpe = sinter.weight "wpe.weight" : !sinter.tensor<[32, 48], f32>
    %position = sinter.iota : !sinter.tensor<[T], i32>
    %te = sinter.gather %wte[%token] : !sinter.tensor<[65, 48], f32>, !sinter.tensor<[T], i32> -> !sinter.tensor<[T, 48], f32>
    %pe = sinter.gather %wpe[%position] : !sinter.tensor<[32, 48], f32>, !sinter.tensor<[T], i32> -> !sinter.tensor<[T, 48], f32>
    %x0 = sinter.add %te, %pe : !sinter.tensor<[T, 48], f32>, !sinter.tensor<[T, 48], f32> -> !sinter.tensor<[T, 48], f32>
    %eps = sinter.constant 1.0e-05 : !sinter.tensor<[], f32>
    %scale = sinter.constant 2.500000e-01 : !sinter.tensor<[], f32>
    %half = sinter.constant 5.000000e-01 : !sinter.tensor<[], f32>
    %one = sinter.constant 1.0 : !sinter.tensor<[], f32>
    %c0 = sinter.constant 0.044715 : !sinter.tensor<[], f32>
    %c1 = sinter.constant 0.7978845608028654 : !sinter.tensor<[], f32>
    %never = sinter.constant 0xFFF0000000000000 : !sinter.tensor<[], f32>
    %y = sinter.repeat %layer in 2 (%x = %x0 : !sinter.tensor<[T, 48], f32>) {
      // ln_1
      %g1 = sinter.weight "h.{i}.ln_1.weight"[%layer] : !sinter.tensor<[48], f32>
      %b1 = sinter.weight "h.{i}.ln_1.bias"[%layer] : !sinter.tensor<[48], f32>
      %mean1 = sinter.reduce mean %x axis 1 : !sinter.tensor<[T, 48], f32> -> !sinter.tensor<[T, 1], f32>
      %d1 = sinter.sub %x, %mean1 : !sinter.tensor<[T, 48], f32>, !sinter.tensor<[T, 1], f32> -> !sinter.tensor<[T, 48], f32>
      %s1 = sinter.mul %d1, %d1 : !sinter.tensor<[T, 48], f32>, !sinter.tensor<[T, 48], f32> -> !sinter.tensor<[T, 48], f32>
      %v1 = sinter.reduce mean %s1 axis 1 : !sinter.tensor<[T, 48], f32> -> !sinter.tensor<[T, 1], f32>
      %ve1 = sinter.add %v1, %eps : !sinter.tensor<[T, 1], f32>, !sinter.tensor<[], f32> -> !sinter.tensor<[T, 1], f32>
      %sd1 = sinter.sqrt %ve1 : !sinter.tensor<[T, 1], f32>
      %n1 = sinter.div %d1, %sd1 : !sinter.tensor<[T, 48], f32>, !sinter.tensor<[T, 1], f32> -> !sinter.tensor<[T, 48], f32>
      %ng1 = sinter.mul %n1, %g1 : !sinter.tensor<[T, 48], f32>, !sinter.tensor<[48], f32> -> !sinter.tensor<[T, 48], f32>
      %ln1 = sinter.add %ng1, %b1 : !sinter.tensor<[T, 48], f32>, !sinter.tensor<[48], f32> -> !sinter.tensor<[T, 48], f32>
      // attention
      %wqkv = sinter.weight "h.{i}.attn.c_attn.weight"[%layer] : !sinter.tensor<[48, 144], f32>
      %bqkv = sinter.weight "h.{i}.attn.c_attn.bias"[%layer] : !sinter.tensor<[144], f32>
      %qkv0 = sinter.matmul %ln1, %wqkv : !sinter.tensor<[T, 48], f32>, !sinter.tensor<[48, 144], f32> -> !sinter.tensor<[T, 144], f32>
      %qkv = sinter.add %qkv0, %bqkv : !sinter.tensor<[T, 144], f32>, !sinter.tensor<[144], f32> -> !sinter.tensor<[T, 144], f32>
      %q0 = sinter.slice %qkv axis 1 from 0 size 48 stride 1 : !sinter.tensor<[T, 144], f32> -> !sinter.tensor<[T, 48], f32>
      %k0 = sinter.slice %qkv axis 1 from 48 size 48 stride 1 : !sinter.tensor<[T, 144], f32> -> !sinter.tensor<[T, 48], f32>
      %v0 = sinter.slice %qkv axis 1 from 96 size 48 stride 1 : !sinter.tensor<[T, 144], f32> -> !sinter.tensor<[T, 48], f32>
      %q1 = sinter.reshape %q0 : !sinter.tensor<[T, 48], f32> -> !sinter.tensor<[T, 3, 16], f32>
      %k1 = sinter.reshape %k0 : !sinter.tensor<[T, 48], f32> -> !sinter.tensor<[T, 3, 16], f32>
      %vv1 = sinter.reshape %v0 : !sinter.tensor<[T, 48], f32> -> !sinter.tensor<[T, 3, 16], f32>
      %q = sinter.transpose %q1 [1, 0, 2] : !sinter.tensor<[T, 3, 16], f32> -> !sinter.tensor<[3, T, 16], f32>
      %k = sinter.transpose %k1 [1, 0, 2] : !sinter.tensor<[T, 3, 16], f32> -> !sinter.tensor<[3, T, 16], f32>
      %v = sinter.transpose %vv1 [1, 0, 2] : !sinter.tensor<[T, 3, 16], f32> -> !sinter.tensor<[3, T, 16], f32>
      %kt = sinter.transpose %k [0, 2, 1] : !sinter.tensor<[3, T, 16], f32> -> !sinter.tensor<[3, 16, T], f32>
      %scores = sinter.matmul %q, %kt : !sinter.tensor<[3, T, 16], f32>, !sinter.tensor<[3, 16, T], f32> -> !sinter.tensor<[3, T, T], f32>
      %scaled = sinter.mul %scores, %scale : !sinter.tensor<[3, T, T], f32>, !sinter.tensor<[], f32> -> !sinter.tensor<[3, T, T], f32>
      %query = sinter.reshape %position : !sinter.tensor<[T], i32> -> !sinter.tensor<[T, 1], i32>
      %seen = sinter.compare ge %query, %position : !sinter.tensor<[T, 1], i32>, !sinter.tensor<[T], i32> -> !sinter.tensor<[T, T], i1>
      %masked = sinter.select %seen, %scaled, %never : !sinter.tensor<[T, T], i1>, !sinter.tensor<[3, T, T], f32>, !sinter.tensor<[], f32> -> !sinter.tensor<[3, T, T], f32>
      %max = sinter.reduce max %masked axis 2 : !sinter.tensor<[3, T, T], f32> -> !sinter.tensor<[3, T, 1], f32>
      %shifted = sinter.sub %masked, %max : !sinter.tensor<[3, T, T], f32>, !sinter.tensor<[3, T, 1], f32> -> !sinter.tensor<[3, T, T], f32>
      %e = sinter.exp %shifted : !sinter.tensor<[3, T, T], f32>
      %sum = sinter.reduce sum %e axis 2 : !sinter.tensor<[3, T, T], f32> -> !sinter.tensor<[3, T, 1], f32>
      %p = sinter.div %e, %sum : !sinter.tensor<[3, T, T], f32>, !sinter.tensor<[3, T, 1], f32> -> !sinter.tensor<[3, T, T], f32>
      %o0 = sinter.matmul %p, %v : !sinter.tensor<[3, T, T], f32>, !sinter.tensor<[3, T, 16], f32> -> !sinter.tensor<[3, T, 16], f32>
      %o1 = sinter.transpose %o0 [1, 0, 2] : !sinter.tensor<[3, T, 16], f32> -> !sinter.tensor<[T, 3, 16], f32>
      %o = sinter.reshape %o1 : !sinter.tensor<[T, 3, 16], f32> -> !sinter.tensor<[T, 48], f32>
      %wproj = sinter.weight "h.{i}.attn.c_proj.weight"[%layer] : !sinter.tensor<[48, 48], f32>
      %bproj = sinter.weight "h.{i}.attn.c_proj.bias"[%layer] : !sinter.tensor<[48], f32>
      %proj0 = sinter.matmul %o, %wproj : !sinter.tensor<[T, 48], f32>, !sinter.tensor<[48, 48], f32> -> !sinter.tensor<[T, 48], f32>
      %proj = sinter.add %proj0, %bproj : !sinter.tensor<[T, 48], f32>, !sinter.tensor<[48], f32> -> !sinter.tensor<[T, 48], f32>
      %a = sinter.add %x, %proj : !sinter.tensor<[T, 48], f32>, !sinter.tensor<[T, 48], f32> -> !sinter.tensor<[T, 48], f32>
      // ln_2
      %g2 = sinter.weight "h.{i}.ln_2.weight"[%layer] : !sinter.tensor<[48], f32>
      %b2 = sinter.weight "h.{i}.ln_2.bias"[%layer] : !sinter.tensor<[48], f32>
      %mean2 = sinter.reduce mean %a axis 1 : !sinter.tensor<[T, 48], f32> -> !sinter.tensor<[T, 1], f32>
      %d2 = sinter.sub %a, %mean2 : !sinter.tensor<[T, 48], f32>, !sinter.tensor<[T, 1], f32> -> !sinter.tensor<[T, 48], f32>
      %s2 = sinter.mul %d2, %d2 : !sinter.tensor<[T, 48], f32>, !sinter.tensor<[T, 48], f32> -> !sinter.tensor<[T, 48], f32>
      %v2 = sinter.reduce mean %s2 axis 1 : !sinter.tensor<[T, 48], f32> -> !sinter.tensor<[T, 1], f32>
      %ve2 = sinter.add %v2, %eps : !sinter.tensor<[T, 1], f32>, !sinter.tensor<[], f32> -> !sinter.tensor<[T, 1], f32>
      %sd2 = sinter.sqrt %ve2 : !sinter.tensor<[T, 1], f32>
      %n2 = sinter.div %d2, %sd2 : !sinter.tensor<[T, 48], f32>, !sinter.tensor<[T, 1], f32> -> !sinter.tensor<[T, 48], f32>
      %ng2 = sinter.mul %n2, %g2 : !sinter.tensor<[T, 48], f32>, !sinter.tensor<[48], f32> -> !sinter.tensor<[T, 48], f32>
      %ln2 = sinter.add %ng2, %b2 : !sinter.tensor<[T, 48], f32>, !sinter.tensor<[48], f32> -> !sinter.tensor<[T, 48], f32>
      // mlp
      %wfc = sinter.weight "h.{i}.mlp.c_fc.weight"[%layer] : !sinter.tensor<[48, 192], f32>
      %bfc = sinter.weight "h.{i}.mlp.c_fc.bias"[%layer] : !sinter.tensor<[192], f32>
      %fc0 = sinter.matmul %ln2, %wfc : !sinter.tensor<[T, 48], f32>, !sinter.tensor<[48, 192], f32> -> !sinter.tensor<[T, 192], f32>
      %fc = sinter.add %fc0, %bfc : !sinter.tensor<[T, 192], f32>, !sinter.tensor<[192], f32> -> !sinter.tensor<[T, 192], f32>
      %f2 = sinter.mul %fc, %fc : !sinter.tensor<[T, 192], f32>, !sinter.tensor<[T, 192], f32> -> !sinter.tensor<[T, 192], f32>
      %f3 = sinter.mul %f2, %fc : !sinter.tensor<[T, 192], f32>, !sinter.tensor<[T, 192], f32> -> !sinter.tensor<[T, 192], f32>
      %f3c = sinter.mul %f3, %c0 : !sinter.tensor<[T, 192], f32>, !sinter.tensor<[], f32> -> !sinter.tensor<[T, 192], f32>
      %fi = sinter.add %fc, %f3c : !sinter.tensor<[T, 192], f32>, !sinter.tensor<[T, 192], f32> -> !sinter.tensor<[T, 192], f32>
      %fic = sinter.mul %fi, %c1 : !sinter.tensor<[T, 192], f32>, !sinter.tensor<[], f32> -> !sinter.tensor<[T, 192], f32>
      %ft = sinter.tanh %fic : !sinter.tensor<[T, 192], f32>
      %ft1 = sinter.add %ft, %one : !sinter.tensor<[T, 192], f32>, !sinter.tensor<[], f32> -> !sinter.tensor<[T, 192], f32>
      %fh = sinter.mul %fc, %half : !sinter.tensor<[T, 192], f32>, !sinter.tensor<[], f32> -> !sinter.tensor<[T, 192], f32>
      %gelu = sinter.mul %fh, %ft1 : !sinter.tensor<[T, 192], f32>, !sinter.tensor<[T, 192], f32> -> !sinter.tensor<[T, 192], f32>
      %wout = sinter.weight "h.{i}.mlp.c_proj.weight"[%layer] : !sinter.tensor<[192, 48], f32>
      %bout = sinter.weight "h.{i}.mlp.c_proj.bias"[%layer] : !sinter.tensor<[48], f32>
      %out0 = sinter.matmul %gelu, %wout : !sinter.tensor<[T, 192], f32>, !sinter.tensor<[192, 48], f32> -> !sinter.tensor<[T, 48], f32>
      %out1 = sinter.add %out0, %bout : !sinter.tensor<[T, 48], f32>, !sinter.tensor<[48], f32> -> !sinter.tensor<[T, 48], f32>
      %out = sinter.add %a, %out1 : !sinter.tensor<[T, 48], f32>, !sinter.tensor<[T, 48], f32> -> !sinter.tensor<[T, 48], f32>
      sinter.yield %out : !sinter.tensor<[T, 48], f32>
    }
    // ln_f
    %gf = sinter.weight "ln_f.weight" : !sinter.tensor<[48], f32>
    %bf = sinter.weight "ln_f.bias" : !sinter.tensor<[48], f32>
    %meanf = sinter.reduce mean %y axis 1 : !sinter.tensor<[T, 48], f32> -> !sinter.tensor<[T, 1], f32>
    %df = sinter.sub %y, %meanf : !sinter.tensor<[T, 48], f32>, !sinter.tensor<[T, 1], f32> -> !sinter.tensor<[T, 48], f32>
    %sf = sinter.mul %df, %df : !sinter.tensor<[T, 48], f32>, !sinter.tensor<[T, 48], f32> -> !sinter.tensor<[T, 48], f32>
    %vf = sinter.reduce mean %sf axis 1 : !sinter.tensor<[T, 48], f32> -> !sinter.tensor<[T, 1], f32>
    %vef = sinter.add %vf, %eps : !sinter.tensor<[T, 1], f32>, !sinter.tensor<[], f32> -> !sinter.tensor<[T, 1], f32>
    %sdf = sinter.sqrt %vef : !sinter.tensor<[T, 1], f32>
    %nf = sinter.div %df, %sdf : !sinter.tensor<[T, 48], f32>, !sinter.tensor<[T, 1], f32> -> !sinter.tensor<[T, 48], f32>
    %ngf = sinter.mul %nf, %gf : !sinter.tensor<[T, 48], f32>, !sinter.tensor<[48], f32> -> !sinter.tensor<[T, 48], f32>
    %lnf = sinter.add %ngf, %bf : !sinter.tensor<[T, 48], f32>, !sinter.tensor<[48], f32> -> !sinter.tensor<[T, 48], f32>
    %wtet = sinter.transpose %wte [1, 0] : !sinter.tensor<[65, 48], f32> -> !sinter.tensor<[48, 65], f32>
    %logits = sinter.matmul %lnf, %wtet : !sinter.tensor<[T, 48], f32>, !sinter.tensor<[48, 65], f32> -> !sinter.tensor<[T, 65], f32>
    return %logits : !sinter.tensor<[T, 65], f32>
  }
}
