#include "core/json_document.hpp"
#include "core/json_writer.hpp"
#include "tests/fuzz/fuzz.hpp"

using postern::JsonDocument;
using postern::JsonKind;
using postern::JsonMember;
using postern::JsonValue;
using postern::JsonWriter;

namespace {

void write(JsonWriter& writer, JsonValue value) {
    switch (value.kind()) {
        case JsonKind::missing: POSTERN_ASSERT(false); break;
        case JsonKind::null: writer.null(); break;
        case JsonKind::boolean: writer.boolean(value.boolean().value()); break;
        case JsonKind::number: writer.raw(value.number()); break;
        case JsonKind::string: writer.string(value.string()); break;
        case JsonKind::array:
            writer.begin_array();
            for (const JsonValue item : value.items()) write(writer, item);
            writer.end_array();
            break;
        case JsonKind::object:
            writer.begin_object();
            for (const JsonMember& member : value.members()) {
                writer.key(member.key);
                write(writer, member.value);
            }
            writer.end_object();
            break;
    }
}

std::string written(const JsonDocument& document) {
    std::string text;
    JsonWriter writer{text};
    write(writer, document.root());
    return text;
}

}  // namespace

// What is read can be written, what was written can be read, and then it says the same.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto document = JsonDocument::parse(postern::fuzz_text(data, size));
    if (!document) return 0;
    const JsonValue root = document->root();
    root.path("data.object.id").string();
    root.path("0.1.x").integer();
    const std::string first = written(*document);
    const auto again = JsonDocument::parse(first);
    POSTERN_ASSERT(again.has_value());
    POSTERN_ASSERT(written(*again) == first);
    return 0;
}
