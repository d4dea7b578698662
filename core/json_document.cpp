#include "core/json_document.hpp"

#include "core/numbers.hpp"

#include <simdjson.h>

#include <cstring>

namespace postern {

using detail::JsonNode;
namespace ondemand = simdjson::ondemand;

namespace {

// The grammar of RFC 8259 §6, so that "01", "1.", "+1" and "0x1" never become amounts.
bool is_json_number(std::string_view text) {
    std::size_t i = 0;
    const auto digits = [&text, &i] {
        const std::size_t start = i;
        while (i < text.size() && text[i] >= '0' && text[i] <= '9') ++i;
        return i - start;
    };
    if (i < text.size() && text[i] == '-') ++i;
    const bool leading_zero = i < text.size() && text[i] == '0';
    const std::size_t whole = digits();
    if (whole == 0 || (leading_zero && whole > 1)) return false;
    if (i < text.size() && text[i] == '.') {
        ++i;
        if (digits() == 0) return false;
    }
    if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
        ++i;
        if (i < text.size() && (text[i] == '+' || text[i] == '-')) ++i;
        if (digits() == 0) return false;
    }
    return i == text.size();
}

std::string_view trim_json_space(std::string_view text) {
    while (!text.empty() && std::strchr(" \t\r\n", text.back()) != nullptr) text.remove_suffix(1);
    return text;
}

}  // namespace

// Walks simdjson's on-demand cursor once and lays the values down flat.
class JsonTreeBuilder {
 public:
    JsonTreeBuilder(detail::JsonStorage& storage, JsonLimits limits)
        : storage_{storage}, limits_{limits} {}

    bool add_document(ondemand::document& source) {
        ondemand::value value;
        if (source.get_value().get(value) != simdjson::SUCCESS) return false;
        // Only at the end does the cursor have no location left.
        return add_value(value, {}, 1)
               && source.current_location().error() == simdjson::OUT_OF_BOUNDS;
    }

 private:
    bool add_scalar(ondemand::value& value, ondemand::json_type type, std::string_view key) {
        switch (type) {
            case ondemand::json_type::string: return add_string(value, key);
            case ondemand::json_type::number: return add_number(raw_token(value), key);
            case ondemand::json_type::boolean: {
                bool flag = false;
                if (value.get_bool().get(flag) != simdjson::SUCCESS) return false;
                return push(JsonKind::boolean, key, flag ? "true" : "false");
            }
            case ondemand::json_type::null: {
                bool null = false;
                if (value.is_null().get(null) != simdjson::SUCCESS || !null) return false;
                return push(JsonKind::null, key, {});
            }
            case ondemand::json_type::array:
            case ondemand::json_type::object: break;
        }
        return false;
    }

    bool add_value(ondemand::value& value, std::string_view key, std::uint32_t depth) {
        ondemand::json_type type{};
        if (value.type().get(type) != simdjson::SUCCESS) return false;
        if (type == ondemand::json_type::object) return add_object(value, key, depth);
        if (type == ondemand::json_type::array) return add_array(value, key, depth);
        return add_scalar(value, type, key);
    }

    bool add_object(ondemand::value& value, std::string_view key, std::uint32_t depth) {
        ondemand::object object;
        if (depth > limits_.depth_max) return false;
        if (value.get_object().get(object) != simdjson::SUCCESS) return false;
        const std::size_t self = storage_.nodes.size();
        if (!push(JsonKind::object, key, {})) return false;
        for (auto field : object) {
            if (field.error() != simdjson::SUCCESS) return false;
            ondemand::field member;
            if (std::move(field).get(member) != simdjson::SUCCESS) return false;
            std::string_view name;
            if (!take_key(member, name)) return false;
            if (!add_value(member.value(), name, depth + 1)) return false;
            ++storage_.nodes[self].children;
        }
        close(self);
        return true;
    }

    bool add_array(ondemand::value& value, std::string_view key, std::uint32_t depth) {
        ondemand::array array;
        if (depth > limits_.depth_max) return false;
        if (value.get_array().get(array) != simdjson::SUCCESS) return false;
        const std::size_t self = storage_.nodes.size();
        if (!push(JsonKind::array, key, {})) return false;
        for (auto element : array) {
            ondemand::value item;
            if (element.get(item) != simdjson::SUCCESS) return false;
            if (!add_value(item, {}, depth + 1)) return false;
            ++storage_.nodes[self].children;
        }
        close(self);
        return true;
    }

    bool add_string(ondemand::value& value, std::string_view key) {
        const std::string_view raw = raw_token(value);
        if (raw.size() < 2 || raw.back() != '"') return false;
        const std::string_view plain = raw.substr(1, raw.size() - 2);
        // The first pass over the text has checked its bytes: without an escape it is the value.
        if (!has_escape(plain)) return push(JsonKind::string, key, plain);
        std::string_view text;
        if (value.get_string().get(text) != simdjson::SUCCESS) return false;
        return push(JsonKind::string, key, keep(text));
    }

    bool add_number(std::string_view token, std::string_view key) {
        return is_json_number(token) && push(JsonKind::number, key, token);
    }

    bool take_key(ondemand::field& member, std::string_view& name) {
        const char* start = member.key().raw();
        const void* end = std::memchr(start, '"', bytes_left_from(start));
        if (end == nullptr) return false;
        name = {start, static_cast<std::size_t>(static_cast<const char*>(end) - start)};
        if (!has_escape(name)) return true;
        std::string_view unescaped;
        if (member.unescaped_key().get(unescaped) != simdjson::SUCCESS) return false;
        name = keep(unescaped);
        return true;
    }

    std::size_t bytes_left_from(const char* at) const {
        return storage_.text_bytes - static_cast<std::size_t>(at - storage_.text.get());
    }

    static bool has_escape(std::string_view text) {
        return std::memchr(text.data(), '\\', text.size()) != nullptr;
    }

    bool push(JsonKind kind, std::string_view key, std::string_view text) {
        if (storage_.nodes.size() == limits_.nodes_max) return false;
        const auto next = static_cast<std::uint32_t>(storage_.nodes.size() + 1);
        storage_.nodes.push_back({kind, next, 0, key, text});
        return true;
    }

    void close(std::size_t self) {
        storage_.nodes[self].next = static_cast<std::uint32_t>(storage_.nodes.size());
    }

    std::string_view keep(std::string_view text) {
        storage_.unescaped.push_back(std::make_unique<std::string>(text));
        return *storage_.unescaped.back();
    }

    static std::string_view raw_token(ondemand::value& value) {
        return trim_json_space(value.raw_json_token());
    }

    detail::JsonStorage& storage_;
    JsonLimits limits_;
};

namespace {

constexpr std::size_t kKeptTextBytesMax = 64 * 1024;
constexpr std::size_t kKeptNodesMax = 4096;

std::unique_ptr<detail::JsonStorage>& spare_storage() {
    static thread_local std::unique_ptr<detail::JsonStorage> spare;
    return spare;
}

detail::JsonStoragePointer take_storage() {
    auto& spare = spare_storage();
    if (spare) return detail::JsonStoragePointer{spare.release()};
    return detail::JsonStoragePointer{std::make_unique<detail::JsonStorage>().release()};
}

enum class TextForm { whole, lone_scalar };

// A lone scalar is read as the only item of an array: on-demand parsing does not look at what
// follows a scalar at the root.
void fill(detail::JsonStorage& storage, std::string_view text, TextForm form) {
    const std::size_t brackets = form == TextForm::lone_scalar ? 2 : 0;
    const std::size_t size = text.size() + brackets;
    if (storage.text_bytes_max < size + simdjson::SIMDJSON_PADDING) {
        storage.text_bytes_max = size + simdjson::SIMDJSON_PADDING;
        storage.text = std::make_unique_for_overwrite<char[]>(storage.text_bytes_max);
    }
    storage.text_bytes = size;
    char* bytes = storage.text.get();
    std::memcpy(bytes + brackets / 2, text.data(), text.size());
    if (form == TextForm::lone_scalar) {
        bytes[0] = '[';
        bytes[size - 1] = ']';
    }
    std::memset(bytes + size, ' ', simdjson::SIMDJSON_PADDING);
    storage.nodes.reserve(text.size() / 24 + 8);
}

TextForm form_of(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r\n");
    const bool nested =
        first != std::string_view::npos && (text[first] == '{' || text[first] == '[');
    return nested ? TextForm::whole : TextForm::lone_scalar;
}

}  // namespace

void detail::JsonStorageRecycler::operator()(JsonStorage* storage) const noexcept {
    std::unique_ptr<JsonStorage> owned{storage};
    const bool small =
        owned->text_bytes_max <= kKeptTextBytesMax && owned->nodes.capacity() <= kKeptNodesMax;
    if (!small || spare_storage()) return;
    owned->nodes.clear();
    owned->unescaped.clear();
    spare_storage() = std::move(owned);
}

Result<JsonDocument, Complaint> JsonDocument::parse(std::string_view text, JsonLimits limits) {
    static thread_local ondemand::parser parser;
    const Complaint broken{"the text is not valid JSON"};
    if (text.empty() || text.substr(0, 3) == "\xef\xbb\xbf") return broken;
    const TextForm form = form_of(text);
    JsonDocument document;
    document.storage_ = take_storage();
    detail::JsonStorage& storage = *document.storage_;
    fill(storage, text, form);
    ondemand::document source;
    const simdjson::padded_string_view padded{
        storage.text.get(), storage.text_bytes, storage.text_bytes + simdjson::SIMDJSON_PADDING};
    if (parser.iterate(padded).get(source) != simdjson::SUCCESS) return broken;
    JsonTreeBuilder builder{storage, limits};
    if (!builder.add_document(source)) return broken;
    if (form == TextForm::lone_scalar) {
        if (storage.nodes.front().children != 1) return broken;
        document.root_ = 1;
    }
    return document;
}

JsonValue JsonValue::operator[](std::string_view key) const {
    if (!is_object()) return {};
    const JsonNode* found = nullptr;
    const JsonNode* child = node_ + 1;
    for (std::uint32_t i = 0; i < node_->children; ++i) {
        if (child->key == key) found = child;
        child = nodes_ + child->next;
    }
    return {nodes_, found};
}

JsonValue JsonValue::operator[](std::size_t index) const {
    if (!is_array() || index >= node_->children) return {};
    const JsonNode* child = node_ + 1;
    for (; index > 0; --index) child = nodes_ + child->next;
    return {nodes_, child};
}

JsonValue JsonValue::path(std::string_view dotted) const {
    JsonValue value = *this;
    while (!dotted.empty() && value.exists()) {
        const auto dot = dotted.find('.');
        const std::string_view step = dotted.substr(0, dot);
        dotted.remove_prefix(dot == std::string_view::npos ? dotted.size() : dot + 1);
        if (value.is_array()) {
            const auto index = parse_unsigned(step);
            value = index ? value[static_cast<std::size_t>(*index)] : JsonValue{};
        } else {
            value = value[step];
        }
    }
    return value;
}

std::string_view JsonValue::string() const {
    return is_string() ? node_->text : std::string_view{};
}

std::string_view JsonValue::number() const {
    return is_number() ? node_->text : std::string_view{};
}

std::string_view JsonValue::text() const {
    return is_string() || is_number() ? node_->text : std::string_view{};
}

std::optional<std::int64_t> JsonValue::integer() const {
    return is_number() ? parse_integer(node_->text) : std::nullopt;
}

std::optional<bool> JsonValue::boolean() const {
    if (kind() != JsonKind::boolean) return std::nullopt;
    return node_->text == "true";
}

std::vector<JsonValue> JsonValue::items() const {
    std::vector<JsonValue> values;
    if (!is_array()) return values;
    values.reserve(node_->children);
    const JsonNode* child = node_ + 1;
    for (std::uint32_t i = 0; i < node_->children; ++i) {
        values.push_back({nodes_, child});
        child = nodes_ + child->next;
    }
    return values;
}

std::vector<JsonMember> JsonValue::members() const {
    std::vector<JsonMember> values;
    if (!is_object()) return values;
    values.reserve(node_->children);
    const JsonNode* child = node_ + 1;
    for (std::uint32_t i = 0; i < node_->children; ++i) {
        values.push_back({child->key, JsonValue{nodes_, child}});
        child = nodes_ + child->next;
    }
    return values;
}

}  // namespace postern
