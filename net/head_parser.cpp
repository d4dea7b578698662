#include "net/head_parser.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>

namespace postern::net {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;

std::string_view to_view(beast::string_view text) {
    return {text.data(), text.size()};
}

class HeadParser final : public http::basic_parser<true> {
 public:
    explicit HeadParser(HttpRequest& request) : request_{request} {}

 private:
    using Text = beast::string_view;
    using Error = beast::error_code;
    using MaybeLength = boost::optional<std::uint64_t>;

    void on_request_impl(http::verb, Text method, Text target, int, Error& error) override {
        request_.method = to_view(method);
        request_.target = to_view(target);
        error = {};
    }
    void on_response_impl(int, Text, int, Error& error) override { error = {}; }
    void on_field_impl(http::field, Text name, Text value, Error& error) override {
        request_.fields.add({to_view(name), to_view(value)});
        error = {};
    }
    void on_header_impl(Error& error) override { error = {}; }
    void on_body_init_impl(const MaybeLength&, Error& error) override { error = {}; }
    std::size_t on_body_impl(Text body, Error& error) override {
        error = {};
        return body.size();
    }
    void on_chunk_header_impl(std::uint64_t, Text, Error& error) override { error = {}; }
    std::size_t on_chunk_body_impl(std::uint64_t, Text body, Error& error) override {
        error = {};
        return body.size();
    }
    void on_finish_impl(Error& error) override { error = {}; }

    HttpRequest& request_;
};

}  // namespace

bool parse_request_head(
    std::string_view head_bytes,
    const RequestHead& scanned,
    HttpRequest& request
) {
    HeadParser parser{request};
    parser.header_limit(static_cast<std::uint32_t>(head_bytes.size()));
    parser.body_limit(boost::none);
    beast::error_code error;
    request.fields.clear();
    request.fields.reserve(scanned.field_count);
    parser.put(boost::asio::buffer(head_bytes.data(), head_bytes.size()), error);
    if (error == http::error::need_more) error = {};
    if (error || !parser.is_header_done()) return false;
    if (request.fields.size() != scanned.field_count) return false;
    if (parser.chunked() != scanned.chunked) return false;
    const auto length = parser.content_length();
    return length.has_value() == scanned.content_length.has_value()
           && (!length || *length == *scanned.content_length);
}

}  // namespace postern::net
