#pragma once

#include "core/result.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern {

struct JsonLimits {
    std::uint32_t depth_max = 64;
    std::uint32_t nodes_max = 200'000;
};

enum class JsonKind : std::uint8_t { missing, null, boolean, number, string, array, object };

namespace detail {
// One value; children follow their parent, `next` is the index after the value's last descendant.
struct JsonNode {
    JsonKind kind = JsonKind::missing;
    std::uint32_t next = 0;
    std::uint32_t children = 0;
    std::string_view key;   // of a member of an object
    std::string_view text;  // a string's value, a number as it was spelled, "true" or "false"
};

// Everything a document points into.
struct JsonStorage {
    std::size_t text_bytes = 0;
    std::size_t text_bytes_max = 0;
    std::unique_ptr<char[]> text;                         // strings without escapes point in here
    std::vector<std::unique_ptr<std::string>> unescaped;  // the others here
    std::vector<JsonNode> nodes;
};
// Keeps one small storage for the thread's next document: a webhook a microsecond is too many for
// the allocator's slow path.
struct JsonStorageRecycler {
    void operator()(JsonStorage* storage) const noexcept;
};
using JsonStoragePointer = std::unique_ptr<JsonStorage, JsonStorageRecycler>;
}  // namespace detail

struct JsonMember;

// A light handle into a JsonDocument, which must outlive it. Looking for what is not there gives a
// missing value, so a path can be followed without a check at each step.
class JsonValue {
 public:
    JsonValue() = default;

    JsonKind kind() const { return node_ == nullptr ? JsonKind::missing : node_->kind; }
    bool exists() const { return kind() != JsonKind::missing; }
    bool is_object() const { return kind() == JsonKind::object; }
    bool is_array() const { return kind() == JsonKind::array; }
    bool is_string() const { return kind() == JsonKind::string; }
    bool is_number() const { return kind() == JsonKind::number; }
    bool is_null() const { return kind() == JsonKind::null; }

    JsonValue operator[](std::string_view key) const;  // the last of that name, as most parsers do
    JsonValue operator[](std::size_t index) const;
    JsonValue path(std::string_view dotted) const;  // "data.object.id"; "items.0.id" into arrays

    std::string_view string() const;              // empty unless a string
    std::string_view number() const;              // the digits as sent; empty unless a number
    std::string_view text() const;                // of a string or a number; else empty
    std::optional<std::int64_t> integer() const;  // a number without fraction or exponent
    std::optional<bool> boolean() const;

    std::size_t size() const { return node_ == nullptr ? 0 : node_->children; }
    std::vector<JsonValue> items() const;     // of an array
    std::vector<JsonMember> members() const;  // of an object, in order

 private:
    friend class JsonDocument;
    JsonValue(const detail::JsonNode* nodes, const detail::JsonNode* node)
        : nodes_{nodes}, node_{node} {}

    const detail::JsonNode* nodes_ = nullptr;
    const detail::JsonNode* node_ = nullptr;
};

struct JsonMember {
    std::string_view key;
    JsonValue value;
};

// A whole text that is strictly RFC 8259: one value, UTF-8 without a byte order mark, no lone
// surrogates, bounded depth. Numbers keep their spelling, so amounts never pass through a double.
class JsonDocument {
 public:
    static Result<JsonDocument, Complaint> parse(std::string_view text, JsonLimits limits = {});

    JsonDocument(JsonDocument&&) noexcept = default;
    JsonDocument& operator=(JsonDocument&&) noexcept = default;

    JsonValue root() const {
        const auto* nodes = storage_->nodes.data();
        return {nodes, nodes + root_};
    }

 private:
    JsonDocument() = default;

    detail::JsonStoragePointer storage_;
    std::size_t root_ = 0;
};

}  // namespace postern
