#!/usr/bin/perl
# Sends an email: POSTERN_USER=account POSTERN_KEY=pk_… perl send.pl
use strict;
use warnings;
use HTTP::Tiny;
use JSON::PP;

my $url = $ENV{POSTERN_URL} // 'http://127.0.0.1:8000';

my $client = HTTP::Tiny->new(
    timeout         => 30,
    default_headers => {
        authuser => $ENV{POSTERN_USER} // 'default',
        authpass => $ENV{POSTERN_KEY}  // '',
    },
);
my $response = $client->post_form("$url/api/mail/send", {
    from           => 'Shop <shop@example.com>',
    to             => 'ada@example.com, Bob <bob@example.com>',
    subject        => 'Hello from Perl',
    content        => 'The text of the email',
    html_content   => '<p>The <b>HTML</b> of the email</p>',
    custom_headers => encode_json({ 'X-First-Header' => 'value' }),
});

# A refusal has a body too, and it says why.
print "$response->{content}\n";
exit($response->{success} ? 0 : 1);
