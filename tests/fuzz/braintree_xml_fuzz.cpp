#include "tests/fuzz/fuzz.hpp"
#include "verifiers/braintree_xml.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto root = postern::verifiers::parse_braintree_xml(postern::fuzz_text(data, size));
    if (!root) return 0;
    POSTERN_ASSERT(root->exists());
    root->child("subject").child("transaction").child("id");
    root->first_child().first_child();
    return 0;
}
