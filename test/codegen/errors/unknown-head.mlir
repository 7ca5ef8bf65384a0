// RUN: not sinter-translate %s 2>&1 | FileCheck %s
// CHECK: error: 'sinter.head' of the module is next_token, masked_token, encoder_decoder, hidden, sequence_classification, token_classification, question_answering or embedding, not 'tail'

module attributes {sinter.head = "tail"} {
  func.func @forward(%token: !sinter.tensor<[N], i32> {sinter.input = "token"}) {
    return
  }
}
