#include "core/bytes.hpp"
#include "core/http_message.hpp"
#include "tests/fuzz/fuzz.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = postern::fuzz_text(data, size);
    POSTERN_ASSERT(postern::from_hex(postern::to_hex(text)) == text);
    POSTERN_ASSERT(postern::from_base64(postern::to_base64(text)) == text);
    POSTERN_ASSERT(postern::decode_percent(postern::encode_percent(text)) == text);
    if (const auto bytes = postern::from_hex(text)) {
        POSTERN_ASSERT(postern::to_hex(*bytes) == postern::to_lower(text));
    }
    if (const auto bytes = postern::from_base64(text)) {
        POSTERN_ASSERT(postern::from_base64(postern::to_base64(*bytes)) == bytes);
    }
    postern::decode_form_component(text);
    postern::parse_form(text);
    postern::query_parameter(text, "limit");
    postern::trim_spaces(text);
    return 0;
}
