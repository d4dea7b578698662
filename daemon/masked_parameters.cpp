#include "daemon/masked_parameters.hpp"

#include "core/json_writer.hpp"
#include "core/request_tree.hpp"
#include "core/utf8.hpp"
#include "daemon/masked_text.hpp"

#include <algorithm>
#include <optional>

namespace postern::daemon {
namespace {

constexpr std::size_t kBodyBytesRead = 64 * 1024;
constexpr std::size_t kNameBytesMax = 128;
constexpr std::size_t kValueBytesMax = 256;
constexpr std::string_view kTruncated = ",\"truncated\":true";
constexpr std::string_view kEllipsis = "…";

enum class Secrecy { open, secret };

std::string bounded(std::string text, std::size_t bytes_max) {
    if (text.size() <= bytes_max) return text;
    std::size_t end = 0;
    while (end < bytes_max) {
        const std::size_t length =
            std::max<std::size_t>(utf8_length(std::string_view{text}.substr(end)), 1);
        if (end + length > bytes_max) break;
        end += length;
    }
    text.resize(end);
    text += kEllipsis;
    return text;
}

bool is_list(const RequestNode& table) {
    if (table.members.empty()) return false;
    for (std::size_t i = 0; i < table.members.size(); ++i) {
        if (table.members[i].name != std::to_string(i)) return false;
    }
    return true;
}

// JSON that ends whole wherever its room ends: what is open can always still be closed.
class MaskedWriter {
 public:
    void open(std::string_view text, char closing) {
        if (!fits(text.size() + 1)) return;
        out_ += text;
        closing_ += closing;
        first_ = true;
    }
    void close() {
        out_ += closing_.back();
        closing_.pop_back();
        first_ = false;
    }
    void put(std::string_view text) {
        if (!fits(text.size())) return;
        out_ += text;
        first_ = false;
    }
    std::string_view separator() const { return first_ ? "" : ","; }
    bool is_full() const { return full_; }
    std::string finish() {
        while (closing_.size() > 1) close();
        if (full_) out_ += first_ ? kTruncated.substr(1) : kTruncated;
        close();
        return std::move(out_);
    }

 private:
    bool fits(std::size_t bytes) {
        const std::size_t needed = out_.size() + bytes + closing_.size() + kTruncated.size();
        full_ = full_ || needed > kMaskedParametersBytesMax;
        return !full_;
    }

    std::string out_;
    std::string closing_;
    bool first_ = true;
    bool full_ = false;
};

void append_value(
    MaskedWriter& writer,
    std::string start,
    const RequestNode& node,
    Secrecy secrecy
);

void append_members(MaskedWriter& writer, const RequestNode& table, Secrecy secrecy) {
    const bool list = is_list(table);
    for (const RequestMember& member : table.members) {
        if (writer.is_full()) return;
        std::string start{writer.separator()};
        Secrecy own = secrecy;
        if (!list) {
            append_json_string(start, bounded(with_secrets_masked(member.name), kNameBytesMax));
            start += ':';
            if (is_secret_name(member.name)) own = Secrecy::secret;
        }
        append_value(writer, std::move(start), member.node, own);
    }
}

void append_value(
    MaskedWriter& writer,
    std::string start,
    const RequestNode& node,
    Secrecy secrecy
) {
    if (node.kind == RequestNode::Kind::text) {
        // Cut off only behind the mask, or half a card number would not be known as one.
        std::string value = secrecy == Secrecy::secret && !node.text.empty()
                                ? std::string{kMask}
                                : bounded(with_secrets_masked(node.text), kValueBytesMax);
        append_json_string(start, value);
        writer.put(start);
        return;
    }
    const bool list = is_list(node);
    start += list ? '[' : '{';
    writer.open(start, list ? ']' : '}');
    if (writer.is_full()) return;
    append_members(writer, node, secrecy);
    if (!writer.is_full()) writer.close();
}

// What the body is says its first character: callers of the native API name no type as often as
// they name the wrong one.
std::optional<RequestNode> read_body(std::string_view body) {
    if (body.size() > kBodyBytesRead) return std::nullopt;
    const auto begin = body.find_first_not_of(" \t\r\n");
    const bool json = begin != std::string_view::npos && body[begin] == '{';
    auto tree = json ? read_json(body) : read_form(body);
    if (!tree) return std::nullopt;
    return std::move(*tree);
}

}  // namespace

std::string masked_parameters(const HttpRequest& request) {
    MaskedWriter writer;
    writer.open("{", '}');
    if (!request.query.empty()) {
        const auto query = read_form(request.query);
        if (query) append_value(writer, "\"query\":", *query, Secrecy::open);
    }
    if (!request.body.empty() && !writer.is_full()) {
        std::string start{writer.separator()};
        const auto body = read_body(request.body);
        if (body) {
            append_value(writer, start + "\"body\":", *body, Secrecy::open);
        } else {
            writer.put(start + "\"body_bytes\":" + std::to_string(request.body.size()));
        }
    }
    return writer.finish();
}

std::string masked_line(std::string_view text, std::size_t bytes_max) {
    std::string line = with_secrets_masked(text);
    for (char& c : line) {
        if (c < ' ' || c > '~') c = '?';
    }
    if (line.size() > bytes_max) line.resize(bytes_max);
    return line;
}

}  // namespace postern::daemon
