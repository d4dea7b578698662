#include "net/response_reader.hpp"

#include <algorithm>

namespace postern::net {
namespace {

constexpr int kSwitchingProtocols = 101;
constexpr int kFinalStatusMin = 200;
constexpr int kNoContent = 204;
constexpr int kNotModified = 304;

}  // namespace

auto ResponseReader::advance(InputBuffer& input) -> Progress {
    while (part_ == Part::head) {
        const Progress progress = read_head(input);
        if (progress != Progress::complete) return progress;
    }
    return read_body(input);
}

auto ResponseReader::read_head(InputBuffer& input) -> Progress {
    switch (scanner_.scan(input.view())) {
        case ResponseHeadScanner::Progress::need_more: return Progress::need_more;
        case ResponseHeadScanner::Progress::malformed: return Progress::malformed;
        case ResponseHeadScanner::Progress::complete: break;
    }
    const ResponseHead& head = scanner_.head();
    const std::size_t bytes = head.bytes;
    if (head.status < kFinalStatusMin) {
        // We never ask for another protocol, so whoever switches speaks to somebody else.
        if (head.status == kSwitchingProtocols) return Progress::malformed;
        if (++informational_ > limits_->informational_max) return Progress::malformed;
        scanner_ = ResponseHeadScanner{limits_->head};
        input.consume(bytes);
        return Progress::complete;
    }
    response_.fields.reserve(head.field_count);
    std::string_view lines = input.view().substr(head.status_line, bytes - head.status_line);
    while (const auto field = next_field(lines)) {
        response_.fields.emplace_back(field->name, field->value);
    }
    input.consume(bytes);
    return on_head(head);
}

auto ResponseReader::on_head(const ResponseHead& head) -> Progress {
    response_.status = head.status;
    keep_alive_ = head.keep_alive;
    const bool has_body = head.chunked || head.content_length.value_or(0) > 0;
    const bool bodiless_status = head.status == kNoContent || head.status == kNotModified;
    if (expectation_.body == ResponseExpectation::Body::never || bodiless_status) {
        part_ = Part::no_body;
        // A length may be told of the body that is left out, but not of one that cannot be.
        if (head.status == kNoContent && has_body) keep_alive_ = false;
    } else if (head.chunked) {
        part_ = Part::chunked;
        chunks_.emplace(limits_->body);
    } else if (head.content_length) {
        part_ = Part::sized;
        bytes_left_ = *head.content_length;
    } else {
        part_ = Part::until_end;
        keep_alive_ = false;
    }
    return Progress::complete;
}

auto ResponseReader::read_body(InputBuffer& input) -> Progress {
    if (part_ == Part::no_body) return Progress::complete;
    if (part_ == Part::chunked) return read_chunked(input);
    const auto count =
        part_ == Part::sized
            ? static_cast<std::size_t>(std::min<std::uint64_t>(bytes_left_, input.size()))
            : input.size();
    keep(input.view().substr(0, count));
    input.consume(count);
    body_bytes_ += count;
    if (body_bytes_ > limits_->body.body_bytes_max) return Progress::too_large;
    if (part_ == Part::until_end) return Progress::need_more;
    bytes_left_ -= count;
    return bytes_left_ == 0 ? Progress::complete : Progress::need_more;
}

auto ResponseReader::read_chunked(InputBuffer& input) -> Progress {
    std::string_view rest = input.view();
    const auto progress = chunks_->read(rest, response_.body);
    input.consume(input.size() - rest.size());
    switch (progress) {
        case ChunkedBody::Progress::need_more: return Progress::need_more;
        case ChunkedBody::Progress::complete: return Progress::complete;
        case ChunkedBody::Progress::refused: break;
    }
    constexpr int content_too_large = 413;
    return chunks_->refusal_status() == content_too_large ? Progress::too_large
                                                          : Progress::malformed;
}

void ResponseReader::keep(std::string_view bytes) {
    const std::size_t room =
        expectation_.body_bytes_kept - std::min(expectation_.body_bytes_kept, body_bytes_);
    response_.body.append(bytes.substr(0, room));
}

auto ResponseReader::at_end() const -> Progress {
    return part_ == Part::until_end ? Progress::complete : Progress::need_more;
}

bool ResponseReader::leaves_connection_usable() const {
    return keep_alive_ && part_ != Part::head && part_ != Part::until_end;
}

Response ResponseReader::take() {
    if (response_.body.size() > expectation_.body_bytes_kept) {
        response_.body.resize(expectation_.body_bytes_kept);
    }
    return std::move(response_);
}

}  // namespace postern::net
