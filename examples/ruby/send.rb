# Sends an email: POSTERN_USER=account POSTERN_KEY=pk_… ruby send.rb
require 'json'
require 'net/http'

url = URI("#{ENV.fetch('POSTERN_URL', 'http://127.0.0.1:8000')}/api/mail/send")

email = {
  from: 'Shop <shop@example.com>',
  to: 'ada@example.com, Bob <bob@example.com>',
  subject: 'Hello from Ruby',
  content: 'The text of the email',
  html_content: '<p>The <b>HTML</b> of the email</p>',
  custom_headers: { 'X-First-Header' => 'value' }
}
headers = {
  'Content-Type' => 'application/json',
  'authuser' => ENV.fetch('POSTERN_USER', 'default'),
  'authpass' => ENV.fetch('POSTERN_KEY', '')
}
response = Net::HTTP.start(url.host, url.port, use_ssl: url.scheme == 'https', read_timeout: 30) do |http|
  http.post(url.path, email.to_json, headers)
end

# A refusal has a body too, and it says why.
puts response.body
exit response.is_a?(Net::HTTPSuccess)
