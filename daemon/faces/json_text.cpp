#include "daemon/faces/json_text.hpp"

#include "core/assert.hpp"

namespace postern::daemon {
namespace {

// Walks over a text that is known to be valid JSON, so that nothing here can fail.
class Walk {
 public:
    explicit Walk(std::string_view text) : text_{text} {}

    char next() {
        skip_spaces();
        POSTERN_ASSERT(at_ < text_.size());
        return text_[at_];
    }
    void take() { ++at_; }

    std::string_view value() {
        skip_spaces();
        const std::size_t begin = at_;
        const char first = next();
        if (first == '"') {
            string();
        } else if (first == '{' || first == '[') {
            container();
        } else {
            scalar();
        }
        return text_.substr(begin, at_ - begin);
    }

    void string() {
        take();
        while (text_[at_] != '"') at_ += text_[at_] == '\\' ? std::size_t{2} : std::size_t{1};
        take();
    }

 private:
    void skip_spaces() {
        while (at_ < text_.size() && std::string_view{" \t\r\n"}.find(text_[at_]) < 4) ++at_;
    }

    void scalar() {
        constexpr std::string_view kEnds = " \t\r\n,]}";
        while (at_ < text_.size() && kEnds.find(text_[at_]) == std::string_view::npos) ++at_;
    }

    void container() {
        std::size_t depth = 0;
        do {
            const char c = next();
            if (c == '"') {
                string();
                continue;
            }
            if (c == '{' || c == '[') ++depth;
            if (c == '}' || c == ']') --depth;
            take();
        } while (depth > 0);
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

}  // namespace

void append_json(JsonWriter& writer, JsonValue value) {
    switch (value.kind()) {
        case JsonKind::missing:
        case JsonKind::null: return writer.null();
        case JsonKind::boolean: return writer.boolean(*value.boolean());
        case JsonKind::number: return writer.raw(value.number());
        case JsonKind::string: return writer.string(value.string());
        case JsonKind::array:
            writer.begin_array();
            for (const JsonValue item : value.items()) append_json(writer, item);
            return writer.end_array();
        case JsonKind::object:
            writer.begin_object();
            for (const JsonMember& member : value.members()) {
                writer.key(member.key);
                append_json(writer, member.value);
            }
            return writer.end_object();
    }
}

std::string_view raw_member(std::string_view object, std::size_t index) {
    Walk walk{object};
    POSTERN_ASSERT(walk.next() == '{');
    walk.take();
    for (;; --index) {
        POSTERN_ASSERT(walk.next() == '"');
        walk.string();
        POSTERN_ASSERT(walk.next() == ':');
        walk.take();
        const std::string_view value = walk.value();
        if (index == 0) return value;
        POSTERN_ASSERT(walk.next() == ',');
        walk.take();
    }
}

}  // namespace postern::daemon
