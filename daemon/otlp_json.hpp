#pragma once

#include "core/span.hpp"

#include <span>
#include <string>
#include <string_view>

namespace postern::daemon {

// Spans as OTLP over HTTP takes them, in its JSON form: an ExportTraceServiceRequest.
std::string to_otlp_json(std::span<const Span> spans, std::string_view version);

}  // namespace postern::daemon
